// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of patchcoretrain: its writable properties and what they mean to the engine.
#include "gst/gstpatchcoretrainsettings.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "core/ensemble_settings.h"
#include "core/threads.h"
#include "gst/gstpatchcoreproperties.h"

namespace {

using patchcore::ImageScore;
using patchcore::IndexKind;
using patchcore::Precision;
using patchcore::Preset;
using patchcore::SamplerKind;
using patchcore::ScoreMode;

// The engine's own defaults, so that all its users share them.
constexpr patchcore::CoresetOptions CORESET;
constexpr patchcore::ScoringOptions SCORING;
constexpr patchcore::PreprocessOptions PREPROCESS;

constexpr const char* DEFAULT_BANK = nullptr;
constexpr gboolean DEFAULT_APPEND = FALSE;
constexpr Preset DEFAULT_PRESET = Preset::none;
constexpr const char* DEFAULT_BACKBONE = "efficientnet_lite0";
constexpr const char* DEFAULT_WEIGHTS = nullptr;
constexpr gboolean DEFAULT_ALLOW_TORCHSCRIPT = FALSE;
constexpr const char* DEFAULT_LAYERS = nullptr;
constexpr const char* DEFAULT_INPUT_SIZE = nullptr;
constexpr const char* DEFAULT_CROP = nullptr;
constexpr guint DEFAULT_TILE_SIZE = PREPROCESS.tile_size;
constexpr gdouble DEFAULT_TILE_OVERLAP = PREPROCESS.tile_overlap;
constexpr const char* DEFAULT_REGION = nullptr;
constexpr const char* DEFAULT_MASK = nullptr;
constexpr const char* DEFAULT_REGION_FROM_META = nullptr;
constexpr gint DEFAULT_PATCH_SIZE = GstPatchCoreTrainSettings::backbone_patch_size;
constexpr gint DEFAULT_PRETRAIN_EMBED_DIMENSION = GstPatchCoreTrainSettings::backbone_dimension;
constexpr gint DEFAULT_TARGET_EMBED_DIMENSION = GstPatchCoreTrainSettings::backbone_dimension;
constexpr SamplerKind DEFAULT_SAMPLER = CORESET.sampler;
constexpr gdouble DEFAULT_CORESET_RATIO = CORESET.ratio;
constexpr guint DEFAULT_MAX_PATCHES = CORESET.max_patches;
constexpr guint DEFAULT_INTERVAL = 1;
constexpr guint DEFAULT_MAX_FRAMES = 0;
constexpr gdouble DEFAULT_MIN_NOVELTY = 0;
constexpr gint DEFAULT_NEIGHBOURS = SCORING.neighbours;
constexpr ScoreMode DEFAULT_SCORE_MODE = SCORING.mode;
constexpr ImageScore DEFAULT_IMAGE_SCORE = SCORING.image_score;
constexpr guint64 DEFAULT_MEMORY_LIMIT = 0;
constexpr Precision DEFAULT_PRECISION = Precision::automatic;
constexpr const char* DEFAULT_DEVICE = patchcore::automatic_device;
constexpr IndexKind DEFAULT_INDEX = IndexKind::automatic;
constexpr guint64 DEFAULT_SEED = CORESET.seed;
constexpr gint DEFAULT_THREADS = 0;
constexpr gboolean DEFAULT_STORE_WEIGHTS = TRUE;

constexpr gdouble SMALLEST_CORESET_RATIO = 1e-6;
constexpr guint LARGEST_TILE_SIZE = 16384;
constexpr gdouble LARGEST_TILE_OVERLAP = 0.5;

constexpr auto FLAGS =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

std::string text(const char* value) {
  return value != nullptr ? value : "";
}

void set_text(GValue* value, const std::string& text) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

std::optional<int> unless(int default_mark, int value) {
  return value == default_mark ? std::nullopt : std::optional<int>(value);
}

}  // namespace

GstPatchCoreTrainSettings::GstPatchCoreTrainSettings()
    : bank(text(DEFAULT_BANK)),
      append(DEFAULT_APPEND),
      preset(DEFAULT_PRESET),
      backbone(text(DEFAULT_BACKBONE)),
      weights(text(DEFAULT_WEIGHTS)),
      allow_torchscript(DEFAULT_ALLOW_TORCHSCRIPT),
      layers(text(DEFAULT_LAYERS)),
      input_size(text(DEFAULT_INPUT_SIZE)),
      crop(text(DEFAULT_CROP)),
      tile_size(DEFAULT_TILE_SIZE),
      tile_overlap(DEFAULT_TILE_OVERLAP),
      region(text(DEFAULT_REGION)),
      mask(text(DEFAULT_MASK)),
      region_from_meta(text(DEFAULT_REGION_FROM_META)),
      patch_size(DEFAULT_PATCH_SIZE),
      pretrain_embed_dimension(DEFAULT_PRETRAIN_EMBED_DIMENSION),
      target_embed_dimension(DEFAULT_TARGET_EMBED_DIMENSION),
      sampler(DEFAULT_SAMPLER),
      coreset_ratio(DEFAULT_CORESET_RATIO),
      max_patches(DEFAULT_MAX_PATCHES),
      interval(DEFAULT_INTERVAL),
      max_frames(DEFAULT_MAX_FRAMES),
      min_novelty(DEFAULT_MIN_NOVELTY),
      neighbours(DEFAULT_NEIGHBOURS),
      score_mode(DEFAULT_SCORE_MODE),
      image_score(DEFAULT_IMAGE_SCORE),
      memory_limit(DEFAULT_MEMORY_LIMIT),
      precision(DEFAULT_PRECISION),
      device(text(DEFAULT_DEVICE)),
      index(DEFAULT_INDEX),
      seed(DEFAULT_SEED),
      threads(DEFAULT_THREADS),
      store_weights(DEFAULT_STORE_WEIGHTS) {}

patchcore::TrainerOptions GstPatchCoreTrainSettings::trainer_options() const {
  patchcore::TrainerOptions options;
  options.set_members(patchcore::parse_members(backbone.empty() ? DEFAULT_BACKBONE : backbone,
                                               layers, weights, allow_torchscript));
  if (append) options.append_to = bank;
  options.max_frames = max_frames;
  options.min_novelty = min_novelty;
  options.input_size = input_size;
  options.crop = crop;
  options.tile_size = static_cast<int>(tile_size);
  options.tile_overlap = tile_overlap;
  options.region = region;
  options.mask = mask;
  options.patch_size = unless(backbone_patch_size, patch_size);
  options.pretrain_embed_dimension = unless(backbone_dimension, pretrain_embed_dimension);
  options.target_embed_dimension = unless(backbone_dimension, target_embed_dimension);
  options.coreset.sampler = sampler;
  options.coreset.ratio = coreset_ratio;
  options.coreset.max_patches = max_patches;
  options.coreset.seed = seed;
  options.memory_limit = memory_limit;
  options.precision = precision;
  options.device = device.empty() ? DEFAULT_DEVICE : device;
  options.index = index;
  options.scoring.mode = score_mode;
  options.scoring.image_score = image_score;
  options.scoring.neighbours = neighbours;
  options.store_weights = store_weights;
  options.threads = threads;
  return options;
}

void gst_patch_core_train_install_settings(GObjectClass* object_class) {
  static_assert(patchcore::dimension_none == 0, "the documentation of two properties says 0");

  /**
   * GstPatchCoreTrain:bank:
   *
   * The memory-bank file to write. Needed. An existing file is replaced in one step when the new
   * one is complete, and stays as it is if anything fails.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_BANK,
      g_param_spec_string("bank", "Bank",
                          "Memory-bank file to write, replaced when the new one is complete; "
                          "needed",
                          DEFAULT_BANK, FLAGS));
  /**
   * GstPatchCoreTrain:append:
   *
   * Whether a bank that is there already is continued: the new frames count beside those that it
   * was made from, for its patches and for the threshold. Where there is no such file, a new bank
   * is made, so that a series of runs can begin with the first.
   *
   * Backbone, layers, weights, precision, input size, crop, tile size and overlap, region, mask,
   * patch size, dimensions, score mode, image score, neighbours and an approximate index must be
   * the bank's; an error names what differs. Not set, #GstPatchCoreTrain:weights are the bank's own
   * if it holds them, and #GstPatchCoreTrain:precision, region and mask are the bank's. The
   * sampler's settings may differ. The old file is replaced when the new one is complete.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_APPEND,
      g_param_spec_boolean("append", "Append",
                           "Continue the bank if there is one already, with the same settings",
                           DEFAULT_APPEND, FLAGS));
  /**
   * GstPatchCoreTrain:preset:
   *
   * The settings of another program, or of the paper: `amazon` is the published implementation,
   * `anomalib` its version 2.7.0, `paper` Roth et al. 2022, section 4, with a quarter of the
   * patches.
   *
   * It is applied when it is set: backbone, layers, input size, crop, patch size, both dimensions,
   * sampler, ratio, max-patches, neighbours, score mode and image score get the preset's values,
   * whatever they were, and each that changes is notified. What is set afterwards, further to the
   * right in `gst-launch-1.0`, overrides it. `none` changes nothing.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PRESET,
      g_param_spec_enum(
          "preset", "Preset",
          "Settings of another program or of the paper, applied when it is set: network, input "
          "size, embedding, coreset, scoring; what is set afterwards overrides them",
          GST_TYPE_PATCH_CORE_PRESET, static_cast<gint>(DEFAULT_PRESET), FLAGS));
  /**
   * GstPatchCoreTrain:backbone:
   *
   * The pretrained network that describes the patches, by torchvision's name, or with
   * #GstPatchCoreTrain:allow-torchscript the path of a TorchScript file that ends in `.pt`. An
   * unknown name's error lists those that exist. Several networks with semicolons between them,
   * or several sets of #GstPatchCoreTrain:layers, are the members of an ensemble, whose scores are
   * normalized and averaged.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_BACKBONE,
      g_param_spec_string("backbone", "Backbone",
                          "Pretrained network that describes the patches, e.g. "
                          "efficientnet_lite0 or wide_resnet50_2, or a TorchScript file (.pt); "
                          "several with semicolons between them: an ensemble",
                          DEFAULT_BACKBONE, FLAGS));
  /**
   * GstPatchCoreTrain:weights:
   *
   * The file with the network's weights, of PyTorch (.pth, .pt) or safetensors. Not set: a file
   * named after the backbone is searched for in the folders of `PATCHCORE_WEIGHTS_PATH`, in
   * `patchcore/weights` of the user's data folder and in that of the system's.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_WEIGHTS,
      g_param_spec_string("weights", "Weights",
                          "File with the network's weights (.pth, .pt or .safetensors), of an "
                          "ensemble several with semicolons; not set: searched for by the "
                          "backbone's name",
                          DEFAULT_WEIGHTS, FLAGS));
  /**
   * GstPatchCoreTrain:allow-torchscript:
   *
   * Lets #GstPatchCoreTrain:backbone name a TorchScript file. Such a file is a program, which can
   * do whatever the user can who runs the pipeline: take it from those alone whose programs you
   * would run.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_ALLOW_TORCHSCRIPT,
      g_param_spec_boolean("allow-torchscript", "Allow TorchScript",
                           "Let the backbone be a TorchScript file, which is a program: only if "
                           "you trust it",
                           DEFAULT_ALLOW_TORCHSCRIPT, FLAGS));
  /**
   * GstPatchCoreTrain:layers:
   *
   * The layers of the network whose features are joined, first to last, with commas between them.
   * Those of an ensemble's members have semicolons between them; one set is for all of them.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LAYERS,
      g_param_spec_string("layers", "Layers",
                          "Comma-separated layers whose features are joined, e.g. layer2,layer3, "
                          "of an ensemble's members with semicolons between them; not set: the "
                          "backbone's default",
                          DEFAULT_LAYERS, FLAGS));
  /**
   * GstPatchCoreTrain:input-size:
   *
   * The size at which the network sees a frame. "256" is an area of 256x256 pixels with the
   * frame's aspect, or with #GstPatchCoreTrain:crop the length of the shorter side;
   * "shorter:256" is the length of the shorter side in any case; "320x192" is exactly that,
   * whatever the frame's aspect.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_INPUT_SIZE,
      g_param_spec_string(
          "input-size", "Input size",
          "Size at which frames are seen, pixels: N (about N x N, aspect kept), "
          "shorter:N (the shorter side, aspect kept) or WxH (exactly); not set: the "
          "backbone's default",
          DEFAULT_INPUT_SIZE, FLAGS));
  /**
   * GstPatchCoreTrain:crop:
   *
   * The centre of the resized frame that is kept: "224" or "320x192" pixels, or "none" for the
   * whole frame. What lies outside is not inspected. With an input size of one number that number
   * is the shorter side before the crop. A crop may be wider than that, or higher, if the frames
   * are.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CROP,
      g_param_spec_string("crop", "Crop",
                          "Centre of the resized frame that is kept, pixels: none, N or WxH; not "
                          "set: the backbone's default",
                          DEFAULT_CROP, FLAGS));
  /**
   * GstPatchCoreTrain:tile-size:
   *
   * Frames (or the inspected part of them) that are larger than this are cut into overlapping tiles
   * of so many pixels a side, 32 or more, for small defects in large pictures. Each tile is resized
   * as #GstPatchCoreTrain:input-size says, as if it were a frame; with an input size of the tile
   * size the network sees every pixel. All tiles are learned into one bank, which keeps both
   * settings, and detection cuts its frames in the same way and blends the seams. A network's usual
   * #GstPatchCoreTrain:crop, which would leave gaps between tiles, is left out.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TILE_SIZE,
      g_param_spec_uint("tile-size", "Tile size",
                        "Side of the tiles that larger frames are cut into, each seen as if it "
                        "were a frame, pixels, 32 or more; 0: frames are not cut",
                        0, LARGEST_TILE_SIZE, DEFAULT_TILE_SIZE, FLAGS));
  /**
   * GstPatchCoreTrain:tile-overlap:
   *
   * How much of a tile its neighbours see, too, at least. Tiles are spread evenly, so that it is
   * often more. It should be larger than what is to be found, and larger than what the network
   * needs around a patch.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TILE_OVERLAP,
      g_param_spec_double("tile-overlap", "Tile overlap",
                          "Overlap of neighbouring tiles at least, share of a tile, 0 to 0.5", 0,
                          LARGEST_TILE_OVERLAP, DEFAULT_TILE_OVERLAP, FLAGS));
  /**
   * GstPatchCoreTrain:region:
   *
   * The part of every frame that is learned and, with the bank, inspected: `x,y,width,height` in
   * pixels where all four are whole numbers, in fractions of the frame where any has a decimal
   * point. The bank file keeps it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_REGION,
      g_param_spec_string("region", "Region",
                          "Part of every frame that is learned and inspected, as x,y,width,height "
                          "in pixels or, with decimal points, in fractions of the frame; not set: "
                          "the whole frame",
                          DEFAULT_REGION, FLAGS));
  /**
   * GstPatchCoreTrain:mask:
   *
   * A PNG picture, stretched over the frame, whose black parts are not learned and never raise an
   * alarm: gray values below 128 are black. The bank file keeps it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MASK,
      g_param_spec_string("mask", "Mask",
                          "Path of a PNG picture, stretched over the frame, whose black parts are "
                          "not learned and never raise an alarm; not set: none",
                          DEFAULT_MASK, FLAGS));
  /**
   * GstPatchCoreTrain:region-from-meta:
   *
   * The type of the #GstVideoRegionOfInterestMeta whose parts of each frame are learned, each like
   * a frame, instead of the region: a detector upstream cuts the parts out. Frames without any, and
   * parts that are too small, are passed over. Detection wants the same setting.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_REGION_FROM_META,
      g_param_spec_string("region-from-meta", "Region from metadata",
                          "Type of the regions of interest that are learned, each like a frame, "
                          "instead of the region; not set: none are",
                          DEFAULT_REGION_FROM_META, FLAGS));
  /**
   * GstPatchCoreTrain:patch-size:
   *
   * The side of the neighbourhood that describes a patch, on the grid of the layer. Odd.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PATCH_SIZE,
      g_param_spec_int("patch-size", "Patch size",
                       "Side of a patch's neighbourhood, grid positions, odd; 0: the backbone's "
                       "default",
                       0, patchcore::max_patch_size, DEFAULT_PATCH_SIZE, FLAGS));
  /**
   * GstPatchCoreTrain:pretrain-embed-dimension:
   *
   * To how many values the neighbourhood of a patch is pooled in each layer. 0 averages the
   * neighbourhood and keeps the channels.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PRETRAIN_EMBED_DIMENSION,
      g_param_spec_int("pretrain-embed-dimension", "Pretrain embed dimension",
                       "Values of each layer after pooling; 0: keep the channels, -1: the "
                       "backbone's default",
                       -1, patchcore::max_dimension, DEFAULT_PRETRAIN_EMBED_DIMENSION, FLAGS));
  /**
   * GstPatchCoreTrain:target-embed-dimension:
   *
   * To how many values the joined layers are pooled: the length of a patch's description. 0 keeps
   * them as they are.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TARGET_EMBED_DIMENSION,
      g_param_spec_int("target-embed-dimension", "Target embed dimension",
                       "Values of a patch after pooling the joined layers; 0: keep all, -1: the "
                       "backbone's default",
                       -1, patchcore::max_dimension, DEFAULT_TARGET_EMBED_DIMENSION, FLAGS));
  /**
   * GstPatchCoreTrain:sampler:
   *
   * How the patches that are kept are chosen.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_SAMPLER,
      g_param_spec_enum("sampler", "Sampler", "How the patches that are kept are chosen",
                        GST_TYPE_PATCH_CORE_SAMPLER, static_cast<gint>(DEFAULT_SAMPLER), FLAGS));
  /**
   * GstPatchCoreTrain:coreset-ratio:
   *
   * The share of the collected patches that is kept, if #GstPatchCoreTrain:max-patches allows it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CORESET_RATIO,
      g_param_spec_double("coreset-ratio", "Coreset ratio",
                          "Share of the collected patches that is kept, above 0 up to 1",
                          SMALLEST_CORESET_RATIO, 1, DEFAULT_CORESET_RATIO, FLAGS));
  /**
   * GstPatchCoreTrain:max-patches:
   *
   * The upper limit of the patches kept, whatever the ratio says. It bounds the time that
   * detection takes.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_PATCHES,
      g_param_spec_uint("max-patches", "Max patches",
                        "Upper limit of the patches kept, whatever the ratio says; 0: no limit", 0,
                        G_MAXUINT, DEFAULT_MAX_PATCHES, FLAGS));
  /**
   * GstPatchCoreTrain:interval:
   *
   * Only each n-th frame is collected, beginning with the first.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_INTERVAL,
      g_param_spec_uint("interval", "Interval", "Collect each n-th frame, 1 or more; 1: all", 1,
                        G_MAXUINT, DEFAULT_INTERVAL, FLAGS));
  /**
   * GstPatchCoreTrain:max-frames:
   *
   * After this many collected frames the others just pass. The bank is still built at the end of
   * the stream or by #GstPatchCoreTrain::finish.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_FRAMES,
      g_param_spec_uint("max-frames", "Max frames", "Collect at most this many frames; 0: no limit",
                        0, G_MAXUINT, DEFAULT_MAX_FRAMES, FLAGS));
  /**
   * GstPatchCoreTrain:min-novelty:
   *
   * Frames that show less new than this are not collected. The novelty of a frame is the distance
   * of its farthest patch from a summary of all patches collected so far, and of the bank that
   * #GstPatchCoreTrain:append continues; its unit is the distance that this summary resolves.
   * Frames like those that were collected have about 1, new things 1.25 and more. 1.25 collects
   * what is new and little else. The frames that are left are unusual ones, so the threshold gets
   * higher than from all frames.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MIN_NOVELTY,
      g_param_spec_double(
          "min-novelty", "Min novelty",
          "Collect only frames that show as much new, e.g. 1.25, in distances that a "
          "summary of what was collected resolves; 0: all frames",
          0, G_MAXDOUBLE, DEFAULT_MIN_NOVELTY, FLAGS));
  /**
   * GstPatchCoreTrain:neighbours:
   *
   * How many of the nearest patches of the bank a score is made of.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_NEIGHBOURS,
      g_param_spec_int("neighbours", "Neighbours",
                       "Nearest patches of the bank that a score is made of, 1 or more", 1,
                       G_MAXINT, DEFAULT_NEIGHBOURS, FLAGS));
  /**
   * GstPatchCoreTrain:score-mode:
   *
   * How distances become scores. The bank keeps it, so that detection does the same.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_SCORE_MODE,
      g_param_spec_enum("score-mode", "Score mode", "How distances become scores",
                        GST_TYPE_PATCH_CORE_SCORE_MODE, static_cast<gint>(DEFAULT_SCORE_MODE),
                        FLAGS));
  /**
   * GstPatchCoreTrain:image-score:
   *
   * How the scores of its patches become the score of a frame. `top` is steadier, as one patch
   * alone counts for less; the smallest defects count for less, too. The bank keeps it, so that
   * detection does the same.
   *
   * Since: 0.1
   */
  g_object_class_install_property(object_class, PROP_IMAGE_SCORE,
                                  g_param_spec_enum("image-score", "Image score",
                                                    "How scores of patches become that of a frame",
                                                    GST_TYPE_PATCH_CORE_IMAGE_SCORE,
                                                    static_cast<gint>(DEFAULT_IMAGE_SCORE), FLAGS));
  /**
   * GstPatchCoreTrain:memory-limit:
   *
   * The patches that are collected, and what thinning them takes, stay below so many bytes however
   * many frames come: when they would pass it, they are packed into half precision, which moves no
   * pick of the sampler, and when that is full, thinned as the sampler does it, in blocks, and the
   * bank file says so. The network and its weights come on top.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MEMORY_LIMIT,
      g_param_spec_uint64("memory-limit", "Memory limit",
                          "Bytes that the collected patches may take; beyond, they are thinned (0: "
                          "a third of the machine's memory)",
                          0, G_MAXUINT64, DEFAULT_MEMORY_LIMIT, FLAGS));
  /**
   * GstPatchCoreTrain:precision:
   *
   * The numbers that the network computes with. On the processor `auto` is fp32: the bank does not
   * depend on the machine then, and serves those that detect in bf16 as well.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PRECISION,
      g_param_spec_enum("precision", "Precision", "Numbers that the network computes with",
                        GST_TYPE_PATCH_CORE_PRECISION, static_cast<gint>(DEFAULT_PRECISION),
                        FLAGS));
  /**
   * GstPatchCoreTrain:device:
   *
   * Where the network runs: `auto` (a GPU if there is one that works, otherwise the processor),
   * `cpu`, `cuda` or `cuda:N`. Patches are collected and chosen on the processor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_DEVICE,
      g_param_spec_string("device", "Device",
                          "Where the network runs: auto (a GPU if one works), cpu, cuda or cuda:N",
                          DEFAULT_DEVICE, FLAGS));
  /**
   * GstPatchCoreTrain:index:
   *
   * How detection is to find the nearest patches of the bank, unless #GstPatchCoreDetect:index says
   * otherwise. The threshold is computed with it. How much of what is near an approximate one finds
   * is measured on the held-out frames, and told in the message `patchcore-trained`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_INDEX,
      g_param_spec_enum("index", "Index",
                        "How detection is to find the nearest patches of the bank",
                        GST_TYPE_PATCH_CORE_INDEX, static_cast<gint>(DEFAULT_INDEX), FLAGS));
  /**
   * GstPatchCoreTrain:seed:
   *
   * Of all random choices: the same frames with the same seed make the same bank.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_SEED,
      g_param_spec_uint64("seed", "Seed", "Seed of all random choices, any number", 0, G_MAXUINT64,
                          DEFAULT_SEED, FLAGS));
  /**
   * GstPatchCoreTrain:threads:
   *
   * How many threads compute.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads", "Computing threads; 0: one for each processor", 0,
                       patchcore::max_threads, DEFAULT_THREADS, FLAGS));
  /**
   * GstPatchCoreTrain:store-weights:
   *
   * Whether the bank file holds the network's weights, so that detection needs no other file.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STORE_WEIGHTS,
      g_param_spec_boolean("store-weights", "Store weights",
                           "Put the network's weights into the bank file, so that detection needs "
                           "no other file",
                           DEFAULT_STORE_WEIGHTS, FLAGS));

  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_PRESET, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_SAMPLER, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_SCORE_MODE, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_IMAGE_SCORE, static_cast<GstPluginAPIFlags>(0));
}

bool gst_patch_core_train_set_setting(GstPatchCoreTrainSettings& settings, guint id,
                                      const GValue* value) {
  switch (id) {
    case PROP_BANK:
      settings.bank = text(g_value_get_string(value));
      break;
    case PROP_APPEND:
      settings.append = g_value_get_boolean(value);
      break;
    case PROP_BACKBONE:
      settings.backbone = text(g_value_get_string(value));
      break;
    case PROP_WEIGHTS:
      settings.weights = text(g_value_get_string(value));
      break;
    case PROP_LAYERS:
      settings.layers = text(g_value_get_string(value));
      break;
    case PROP_INPUT_SIZE:
      settings.input_size = text(g_value_get_string(value));
      break;
    case PROP_CROP:
      settings.crop = text(g_value_get_string(value));
      break;
    case PROP_TILE_SIZE:
      settings.tile_size = g_value_get_uint(value);
      break;
    case PROP_TILE_OVERLAP:
      settings.tile_overlap = g_value_get_double(value);
      break;
    case PROP_REGION:
      settings.region = text(g_value_get_string(value));
      break;
    case PROP_MASK:
      settings.mask = text(g_value_get_string(value));
      break;
    case PROP_REGION_FROM_META:
      settings.region_from_meta = text(g_value_get_string(value));
      break;
    case PROP_PATCH_SIZE:
      settings.patch_size = g_value_get_int(value);
      break;
    case PROP_PRETRAIN_EMBED_DIMENSION:
      settings.pretrain_embed_dimension = g_value_get_int(value);
      break;
    case PROP_TARGET_EMBED_DIMENSION:
      settings.target_embed_dimension = g_value_get_int(value);
      break;
    case PROP_SAMPLER:
      settings.sampler = static_cast<SamplerKind>(g_value_get_enum(value));
      break;
    case PROP_CORESET_RATIO:
      settings.coreset_ratio = g_value_get_double(value);
      break;
    case PROP_MAX_PATCHES:
      settings.max_patches = g_value_get_uint(value);
      break;
    case PROP_INTERVAL:
      settings.interval = g_value_get_uint(value);
      break;
    case PROP_MAX_FRAMES:
      settings.max_frames = g_value_get_uint(value);
      break;
    case PROP_MIN_NOVELTY:
      settings.min_novelty = g_value_get_double(value);
      break;
    case PROP_NEIGHBOURS:
      settings.neighbours = g_value_get_int(value);
      break;
    case PROP_SCORE_MODE:
      settings.score_mode = static_cast<ScoreMode>(g_value_get_enum(value));
      break;
    case PROP_IMAGE_SCORE:
      settings.image_score = static_cast<ImageScore>(g_value_get_enum(value));
      break;
    case PROP_DEVICE:
      settings.device = text(g_value_get_string(value));
      break;
    case PROP_PRECISION:
      settings.precision = static_cast<Precision>(g_value_get_enum(value));
      break;
    case PROP_INDEX:
      settings.index = static_cast<IndexKind>(g_value_get_enum(value));
      break;
    case PROP_MEMORY_LIMIT:
      settings.memory_limit = g_value_get_uint64(value);
      break;
    case PROP_SEED:
      settings.seed = g_value_get_uint64(value);
      break;
    case PROP_THREADS:
      settings.threads = g_value_get_int(value);
      break;
    case PROP_ALLOW_TORCHSCRIPT:
      settings.allow_torchscript = g_value_get_boolean(value);
      break;
    case PROP_STORE_WEIGHTS:
      settings.store_weights = g_value_get_boolean(value);
      break;
    default:
      return false;
  }
  return true;
}

bool gst_patch_core_train_get_setting(const GstPatchCoreTrainSettings& settings, guint id,
                                      GValue* value) {
  switch (id) {
    case PROP_BANK:
      set_text(value, settings.bank);
      break;
    case PROP_APPEND:
      g_value_set_boolean(value, settings.append);
      break;
    case PROP_PRESET:
      g_value_set_enum(value, static_cast<gint>(settings.preset));
      break;
    case PROP_BACKBONE:
      set_text(value, settings.backbone);
      break;
    case PROP_WEIGHTS:
      set_text(value, settings.weights);
      break;
    case PROP_LAYERS:
      set_text(value, settings.layers);
      break;
    case PROP_INPUT_SIZE:
      set_text(value, settings.input_size);
      break;
    case PROP_CROP:
      set_text(value, settings.crop);
      break;
    case PROP_TILE_SIZE:
      g_value_set_uint(value, settings.tile_size);
      break;
    case PROP_TILE_OVERLAP:
      g_value_set_double(value, settings.tile_overlap);
      break;
    case PROP_REGION:
      set_text(value, settings.region);
      break;
    case PROP_MASK:
      set_text(value, settings.mask);
      break;
    case PROP_REGION_FROM_META:
      set_text(value, settings.region_from_meta);
      break;
    case PROP_PATCH_SIZE:
      g_value_set_int(value, settings.patch_size);
      break;
    case PROP_PRETRAIN_EMBED_DIMENSION:
      g_value_set_int(value, settings.pretrain_embed_dimension);
      break;
    case PROP_TARGET_EMBED_DIMENSION:
      g_value_set_int(value, settings.target_embed_dimension);
      break;
    case PROP_SAMPLER:
      g_value_set_enum(value, static_cast<gint>(settings.sampler));
      break;
    case PROP_CORESET_RATIO:
      g_value_set_double(value, settings.coreset_ratio);
      break;
    case PROP_MAX_PATCHES:
      g_value_set_uint(value, settings.max_patches);
      break;
    case PROP_INTERVAL:
      g_value_set_uint(value, settings.interval);
      break;
    case PROP_MAX_FRAMES:
      g_value_set_uint(value, settings.max_frames);
      break;
    case PROP_MIN_NOVELTY:
      g_value_set_double(value, settings.min_novelty);
      break;
    case PROP_NEIGHBOURS:
      g_value_set_int(value, settings.neighbours);
      break;
    case PROP_SCORE_MODE:
      g_value_set_enum(value, static_cast<gint>(settings.score_mode));
      break;
    case PROP_IMAGE_SCORE:
      g_value_set_enum(value, static_cast<gint>(settings.image_score));
      break;
    case PROP_DEVICE:
      set_text(value, settings.device);
      break;
    case PROP_PRECISION:
      g_value_set_enum(value, static_cast<gint>(settings.precision));
      break;
    case PROP_INDEX:
      g_value_set_enum(value, static_cast<gint>(settings.index));
      break;
    case PROP_MEMORY_LIMIT:
      g_value_set_uint64(value, settings.memory_limit);
      break;
    case PROP_SEED:
      g_value_set_uint64(value, settings.seed);
      break;
    case PROP_THREADS:
      g_value_set_int(value, settings.threads);
      break;
    case PROP_ALLOW_TORCHSCRIPT:
      g_value_set_boolean(value, settings.allow_torchscript);
      break;
    case PROP_STORE_WEIGHTS:
      g_value_set_boolean(value, settings.store_weights);
      break;
    default:
      return false;
  }
  return true;
}
