// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training as command line options, named as patchcoretrain's properties.
#include "tools/patchcore/training_settings.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "core/ensemble_settings.h"
#include "core/presets.h"
#include "core/threads.h"
#include "tools/patchcore/setting_names.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* group = "Settings, as the properties of patchcoretrain";
constexpr int backbone_patch_size = 0;
constexpr int backbone_dimension = -1;

/// An option of a number of which one value means that the backbone decides.
CLI::Option* add_optional(CLI::App& command, const std::string& name, std::optional<int>& target,
                          int decides, const std::string& text) {
  return command
      .add_option_function<int>(
          name,
          [&target, decides](int value) {
            target = value == decides ? std::nullopt : std::optional<int>(value);
          },
          text)
      ->default_str(std::to_string(decides));
}

/// The settings that say what the members of an ensemble are, as they are written.
struct MemberTexts {
  std::optional<std::string> backbone;
  std::optional<std::string> layers;
  std::string weights;
  bool allow_torchscript = false;
};

/// What is not written is as it is, or as a preset has set it.
void set_members(const MemberTexts& texts, TrainerOptions& options) {
  options.set_members(parse_members(texts.backbone.value_or(options.backbone.name),
                                    texts.layers.value_or(join_layers(options.backbone.layers)),
                                    texts.weights, texts.allow_torchscript));
}

/// One text for all members. Where they have no layers of their own it is empty.
std::string member_texts(const TrainerOptions& options,
                         const std::function<std::string(const BackboneOptions&)>& text_of) {
  std::vector<std::string> texts;
  bool any = false;
  for (const BackboneOptions& member : options.members()) {
    texts.push_back(text_of(member));
    any = any || !texts.back().empty();
  }
  return any ? join_members(texts) : "";
}

Json or_null(const std::optional<int>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_null(const std::string& value) {
  return value.empty() ? Json(nullptr) : Json(value);
}

}  // namespace

EngineSettings add_training_settings(CLI::App& command, TrainerOptions& options) {
  EngineSettings settings;
  const auto training = [&](CLI::Option* option) {
    settings.training.push_back(option->group(group));
  };
  const auto engine = [&](CLI::Option* option) { settings.engine.push_back(option->group(group)); };

  // The first: options are applied in this order, so that the others override the preset.
  training(add_choice<Preset>(
      command, "--preset", [&options](Preset preset) { apply_preset(preset, options); },
      Preset::none, preset_names(),
      "Settings of another program, or of the paper, where no option below says otherwise"));
  const auto texts = std::make_shared<MemberTexts>();
  // They belong together.
  command.parse_complete_callback([texts, &options] { set_members(*texts, options); });
  training(command
               .add_option("--backbone", texts->backbone,
                           "Network that sees the pictures, or a TorchScript file (.pt); several "
                           "with semicolons between them are an ensemble")
               ->default_str(options.backbone.name));
  engine(command.add_option("--weights", texts->weights,
                            "File with its weights; of an ensemble several, with semicolons "
                            "(none: searched for)"));
  engine(command
             .add_option("--allow-torchscript", texts->allow_torchscript,
                         "Whether a TorchScript file, which is a program, may be run as backbone")
             ->capture_default_str());
  training(command.add_option("--layers", texts->layers,
                              "Its layers, with commas between them, and semicolons between those "
                              "of an ensemble's members (none: the backbone's default)"));
  training(command.add_option("--input-size", options.input_size,
                              "What the network sees: N, about N x N pixels, shorter:N, the "
                              "shorter side, or WxH, exactly (none: the backbone's default)"));
  training(command.add_option("--crop", options.crop,
                              "Centre that is kept of the resized picture, whose shorter side has "
                              "the input size if that is one number: none, N or WxH (none given: "
                              "the backbone's default)"));
  training(command
               .add_option("--tile-size", options.tile_size,
                           "Side of the tiles that larger pictures are cut into, each seen as if "
                           "it were a picture, pixels; 0: pictures are not cut")
               ->capture_default_str());
  training(command
               .add_option("--tile-overlap", options.tile_overlap,
                           "Overlap of neighbouring tiles at least, share of a tile, 0 to 0.5")
               ->capture_default_str());
  training(command.add_option("--region", options.region,
                              "Part of the pictures that is inspected: x,y,width,height in pixels, "
                              "or in shares of the picture if there is a point (none: all)"));
  training(command.add_option("--mask", options.mask,
                              "PNG file, black where nothing is learned (none: everywhere)"));
  training(add_optional(command, "--patch-size", options.patch_size, backbone_patch_size,
                        "Positions of the grid, in each direction, that a patch is described by; "
                        "0: the backbone's default"));
  training(add_optional(command, "--pretrain-embed-dimension", options.pretrain_embed_dimension,
                        backbone_dimension,
                        "Values of each layer after pooling; 0: keep the channels, -1: the "
                        "backbone's default"));
  training(add_optional(
      command, "--target-embed-dimension", options.target_embed_dimension, backbone_dimension,
      "Values of a patch after pooling; 0: keep all, -1: the backbone's default"));
  training(add_choice(command, "--sampler", options.coreset.sampler, sampler_names(),
                      "How the patches that are kept are chosen"));
  training(command
               .add_option("--coreset-ratio", options.coreset.ratio,
                           "Share of the patches that is kept, above 0 up to 1")
               ->capture_default_str());
  training(command
               .add_option("--max-patches", options.coreset.max_patches,
                           "Upper limit of the patches kept; 0: no limit")
               ->capture_default_str());
  training(command
               .add_option("--memory-limit", options.memory_limit,
                           "Bytes that the patches may take; 0: a third of the machine's memory")
               ->capture_default_str());
  training(command
               .add_option("--neighbours", options.scoring.neighbours,
                           "Nearest patches of the bank that a score is made of")
               ->capture_default_str());
  training(add_choice(command, "--score-mode", options.scoring.mode, score_mode_names(),
                      "How distances become scores"));
  training(add_choice(command, "--image-score", options.scoring.image_score, image_score_names(),
                      "How scores of patches become that of a picture"));
  engine(add_choice(command, "--precision", options.precision, precision_names(),
                    "Numbers that the network computes with"));
  engine(command
             .add_option("--device", options.device,
                         "Where it computes: auto (a GPU if one works), cpu, cuda or cuda:N")
             ->capture_default_str());
  engine(add_choice(command, "--index", options.index, index_names(),
                    "How the nearest patches of the bank are found"));
  training(command.add_option("--seed", options.coreset.seed, "Seed of all random choices")
               ->capture_default_str());
  engine(
      command
          .add_option("--threads", options.threads, "Computing threads; 0: one for each processor")
          ->capture_default_str()
          ->check(CLI::Range(0, max_threads)));
  training(command
               .add_option("--store-weights", options.store_weights,
                           "Whether the bank file holds the network's weights")
               ->capture_default_str());
  return settings;
}

nlohmann::ordered_json training_settings_json(const TrainerOptions& options) {
  const bool single = options.further_members.empty();
  const BackboneOptions& backbone = options.backbone;
  return {
      {"backbone", member_texts(options, [](const auto& member) { return member.name; })},
      {"weights",
       or_null(member_texts(options, [](const auto& member) { return member.weights; }))},
      {"layers",
       single && !backbone.layers.empty()
           ? Json(backbone.layers)
           : or_null(member_texts(options,
                                  [](const auto& member) { return join_layers(member.layers); }))},
      {"input-size", or_null(options.input_size)},
      {"crop", or_null(options.crop)},
      {"tile-size", options.tile_size},
      {"tile-overlap", options.tile_overlap},
      {"region", or_null(options.region)},
      {"mask", or_null(options.mask)},
      {"patch-size", or_null(options.patch_size)},
      {"pretrain-embed-dimension", or_null(options.pretrain_embed_dimension)},
      {"target-embed-dimension", or_null(options.target_embed_dimension)},
      {"sampler", name_in(sampler_names(), options.coreset.sampler)},
      {"coreset-ratio", options.coreset.ratio},
      {"max-patches", options.coreset.max_patches},
      {"neighbours", options.scoring.neighbours},
      {"score-mode", name_in(score_mode_names(), options.scoring.mode)},
      {"image-score", name_in(image_score_names(), options.scoring.image_score)},
      {"precision", name_in(precision_names(), options.precision)},
      {"device", options.device},
      {"index", name_in(index_names(), options.index)},
      {"seed", options.coreset.seed},
  };
}

}  // namespace patchcore
