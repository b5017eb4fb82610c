// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The properties of patchcoredetect and the settings that they stand for.
#include "gst/gstpatchcoredetectproperties.h"

#include "core/threads.h"

namespace {

std::string string_of(const GValue* value) {
  const gchar* text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

const gchar* string_or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

void gst_patch_core_detect_install_properties(GObjectClass* object_class) {
  using Load = GstPatchCoreDetectLoadSettings;
  using Frame = GstPatchCoreDetectFrameSettings;
  constexpr auto at_start = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_READY);
  constexpr auto playing = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                    GST_PARAM_MUTABLE_PLAYING);
  constexpr auto live =
      static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                               GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE);
  constexpr auto read_only = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstPatchCoreDetect:bank
   *
   * The memory-bank file to compare frames with. Set while the element plays, even to what it is,
   * it is loaded beside the bank in use, which it replaces between two frames; then a message
   * `patchcore-bank` is posted. What cannot be used is told of in a warning and changes nothing.
   * The newest request wins.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_BANK,
      g_param_spec_string("bank", "Bank",
                          "Path of the memory-bank file that frames are compared with; set while "
                          "playing, it is loaded beside the one in use",
                          nullptr, playing));
  /**
   * GstPatchCoreDetect:watch-bank
   *
   * Whether to load the bank whenever its file is replaced or written to, as if
   * #GstPatchCoreDetect:bank were set again. The file is looked at twice a second, and loaded when
   * two looks have found it the same.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_WATCH_BANK,
      g_param_spec_boolean("watch-bank", "Watch bank",
                           "Load the bank again whenever its file is another one",
                           Load::DEFAULT_WATCH_BANK, playing));
  /**
   * GstPatchCoreDetect:weights
   *
   * The backbone's weights, for banks that were made without them, or the TorchScript file that
   * the bank was trained with.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_WEIGHTS,
      g_param_spec_string("weights", "Weights",
                          "Path of the backbone's weights, only for banks that hold none (unset: "
                          "searched for); read when a bank is loaded",
                          nullptr, playing));
  /**
   * GstPatchCoreDetect:allow-torchscript
   *
   * Lets a bank that was trained with a TorchScript file have it, from #GstPatchCoreDetect:weights
   * or found by its name. Such a file is a program, which can do whatever the user can who runs the
   * pipeline. One that differs from that of the training is refused.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_ALLOW_TORCHSCRIPT,
      g_param_spec_boolean("allow-torchscript", "Allow TorchScript",
                           "Run the TorchScript file that the bank was trained with, which is a "
                           "program: only if you trust it; read when a bank is loaded",
                           Load::DEFAULT_ALLOW_TORCHSCRIPT, playing));
  /**
   * GstPatchCoreDetect:region
   *
   * The part of every frame that is inspected, at the network's full resolution: `x,y,width,height`
   * in pixels where all four are whole numbers, in fractions of the frame where any has a decimal
   * point, or `none` for the whole frame. Set while the element plays, it is used from the next
   * frame on; what cannot be used is told of in a warning and changes nothing.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_REGION,
      g_param_spec_string(
          "region", "Region",
          "Part of every frame that is inspected, as x,y,width,height in pixels or, "
          "with decimal points, in fractions of the frame; none: the whole frame "
          "(unset: the bank's)",
          nullptr, playing));
  /**
   * GstPatchCoreDetect:mask
   *
   * A PNG picture, stretched over the frame, whose black parts never raise an alarm: gray values
   * below 128 are black. `none` stands for no mask. It is read when it is set; set while the
   * element plays, it is used from the next frame on, and what cannot be used is told of in a
   * warning and changes nothing.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_MASK,
      g_param_spec_string(
          "mask", "Mask",
          "Path of a PNG picture, stretched over the frame, whose black parts never "
          "raise an alarm; none: no mask (unset: the bank's)",
          nullptr, playing));
  /**
   * GstPatchCoreDetect:region-from-meta
   *
   * The type of the #GstVideoRegionOfInterestMeta whose parts of each frame are inspected, each by
   * itself, instead of the region: a detector upstream cuts the parts out. The frame is as
   * anomalous as the worst of them; #GstPatchCoreMeta.parts has them all. A frame without any is
   * not inspected. Each frame waits for its parts, as with #GstPatchCoreDetect:mode `every`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_REGION_FROM_META,
      g_param_spec_string("region-from-meta", "Region from metadata",
                          "Type of the regions of interest that are inspected, each by itself, "
                          "instead of the region (unset: none are); read at start",
                          nullptr, at_start));
  /**
   * GstPatchCoreDetect:threshold
   *
   * From which raw score on a frame is anomalous; every negative value stands for the threshold
   * that the bank was calibrated to.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_THRESHOLD,
      g_param_spec_double(
          "threshold", "Threshold",
          "Raw score from which on a frame is anomalous, 0 or more (negative: the bank's "
          "calibrated threshold)",
          -1, G_MAXDOUBLE, Frame::DEFAULT_THRESHOLD, live));
  /**
   * GstPatchCoreDetect:overlay
   *
   * What is drawn over the frames.
   *
   * Since: 0.1
   */
  /**
   * GstPatchCoreDetect:overlay-opacity
   *
   * How much of the frame heatmap and contour hide where they are strongest.
   *
   * Since: 0.1
   */
  gst_patch_core_overlay_install_properties(object_class, GST_PATCH_CORE_DETECT_OVERLAY,
                                            GST_PATCH_CORE_DETECT_OVERLAY_OPACITY);
  /**
   * GstPatchCoreDetect:mode
   *
   * Whether each frame is scored before it passes (`every`), or frames pass at once while the
   * newest one is scored beside them (`newest`).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_MODE,
      g_param_spec_enum("mode", "Mode",
                        "Whether each frame is scored before it passes, or the newest one beside "
                        "the frames that pass (auto: newest if upstream is live); read at start",
                        GST_TYPE_PATCH_CORE_MODE, Load::DEFAULT_MODE, at_start));
  /**
   * GstPatchCoreDetect:interval
   *
   * Scores each n-th frame only; those between carry the result of the latest one, marked as held.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_INTERVAL,
      g_param_spec_uint("interval", "Interval",
                        "Score each n-th frame, in frames, 1 or more; the others carry the latest "
                        "result",
                        1, G_MAXUINT, Frame::DEFAULT_INTERVAL, live));
  /**
   * GstPatchCoreDetect:min-region-area
   *
   * Smaller regions are not reported. The verdict on the frame does not depend on it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_MIN_REGION_AREA,
      g_param_spec_double("min-region-area", "Minimum region area",
                          "Regions smaller than this are not reported, in pixels of the frame, 0 "
                          "or more",
                          0, G_MAXDOUBLE, Frame::DEFAULT_MIN_REGION_AREA, live));
  /**
   * GstPatchCoreDetect:post-messages
   *
   * For which frames an element message `patchcore-result` is posted on the bus.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_POST_MESSAGES,
      g_param_spec_enum("post-messages", "Post messages",
                        "For which frames a message is posted on the bus",
                        GST_TYPE_PATCH_CORE_POST_MESSAGES, Frame::DEFAULT_POST_MESSAGES, live));
  /**
   * GstPatchCoreDetect:stats-interval
   *
   * How often an element message `patchcore-stats` is posted on the bus.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_STATS_INTERVAL,
      g_param_spec_uint(
          "stats-interval", "Statistics interval",
          "Post counts of frames on the bus as often as this, in milliseconds, and at "
          "the end (0: never)",
          0, G_MAXUINT, Frame::DEFAULT_STATS_INTERVAL, playing));
  /**
   * GstPatchCoreDetect:qos
   *
   * Whether frames that downstream calls late are not scored. They pass all the same and carry the
   * latest result, marked as held for the reason `late`, unlike those that a #GstBaseTransform
   * drops.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_QOS,
      g_param_spec_boolean("qos", "QoS",
                           "Don't score frames that downstream calls late; they pass with the "
                           "latest result",
                           Frame::DEFAULT_QOS, live));
  /**
   * GstPatchCoreDetect:engine-threads
   *
   * How many threads compute for the engine that elements with the same bank share, whatever their
   * number.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_ENGINE_THREADS,
      g_param_spec_int("engine-threads", "Engine threads",
                       "Number of threads of the engine that streams share, 1 or more (0: as "
                       "threads); read at start",
                       0, patchcore::max_threads, Load::DEFAULT_ENGINE_THREADS, at_start));
  /**
   * GstPatchCoreDetect:batch-size
   *
   * How many frames, each of another stream, are scored in one pass of the network. Results are
   * the same.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_BATCH_SIZE,
      g_param_spec_int("batch-size", "Batch size",
                       "Largest number of frames, each of another stream, that are scored in one "
                       "pass of the network, 1 or more; read at start",
                       1, G_MAXINT, Load::DEFAULT_BATCH_SIZE, at_start));
  /**
   * GstPatchCoreDetect:batch-timeout
   *
   * How long the first frame of a batch waits for those of other streams.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_BATCH_TIMEOUT,
      g_param_spec_uint("batch-timeout", "Batch timeout",
                        "How long a batch waits for frames of other streams, in milliseconds (0: "
                        "those that wait already make a batch); read at start",
                        0, G_MAXINT, Load::DEFAULT_BATCH_TIMEOUT, at_start));
  /**
   * GstPatchCoreDetect:threads
   *
   * How many threads load the bank, read frames and, unless #GstPatchCoreDetect:engine-threads is
   * set, score them.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_THREADS,
      g_param_spec_int("threads", "Threads",
                       "Number of threads that compute, 1 or more (0: one for each processor); "
                       "read at start and whenever a bank is loaded",
                       0, patchcore::max_threads, Load::DEFAULT_THREADS, at_start));
  /**
   * GstPatchCoreDetect:index
   *
   * How the nearest patches of the bank are found. With `auto` it is what the bank asks for, which
   * its threshold was computed with (#GstPatchCoreTrain:index). All exact ones give the same
   * results; the approximate ones may take patches that are farther for the nearest, and so score
   * higher.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_INDEX,
      g_param_spec_enum("index", "Index",
                        "How the nearest patches of the bank are found; read when a "
                        "bank is loaded",
                        GST_TYPE_PATCH_CORE_INDEX, static_cast<gint>(Load::DEFAULT_INDEX),
                        playing));
  /**
   * GstPatchCoreDetect:precision
   *
   * The numbers that the network computes with. It need not be that of the training.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_PRECISION,
      g_param_spec_enum("precision", "Precision",
                        "Numbers that the network computes with; read when a "
                        "bank is loaded",
                        GST_TYPE_PATCH_CORE_PRECISION, static_cast<gint>(Load::DEFAULT_PRECISION),
                        playing));
  /**
   * GstPatchCoreDetect:device
   *
   * Where the network runs and patches are searched for: `auto` (a GPU if there is one that works,
   * otherwise the processor), `cpu`, `cuda` or `cuda:N`. #GstPatchCoreDetect:stats says which it
   * is.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_DEVICE,
      g_param_spec_string(
          "device", "Device",
          "Where frames are scored: auto (a GPU if one works), cpu, cuda or cuda:N; "
          "read when a bank is loaded",
          Load::DEFAULT_DEVICE, playing));
  /**
   * GstPatchCoreDetect:bank-info
   *
   * What the bank in use says of itself: a structure `patchcore-bank` with #gchararray `location`
   * (the file that it was loaded from) and `backbone`, #gint64 `patches`, `dimension` and `frames`,
   * #gdouble `threshold`, #gboolean `threshold-is-guess` (it comes from too few frames),
   * #gchararray `created`, `checksum` (which names the bank in results), `region` (that it was
   * trained on, empty for the whole picture), #gboolean `mask` (it was trained with one) and
   * #gchararray `index` (that the bank asks for). If that is approximate and it was measured at the
   * training, #gdouble `recall` (share of the nearest patches of held-out frames that it found),
   * `mean-score-error` and `largest-score-error` (relative, of those frames' scores). Whoever
   * watches it is notified when another bank comes into use.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_BANK_INFO,
      g_param_spec_boxed("bank-info", "Bank information",
                         "What the bank in use says of itself (unset while none is)",
                         GST_TYPE_STRUCTURE, read_only));
  /**
   * GstPatchCoreDetect:stats
   *
   * Counts since the element started: a structure `patchcore-stats` with #guint64 `scored` and, of
   * these, `anomalous` frames, `held` (not scored, the latest result again), `uninspected` (no
   * result at all) and, of the last two, `late` (see #GstPatchCoreDetect:qos), `skipped` (in mode
   * `newest`: were to be scored, but a newer frame or a flush came first) and `scoring-time`,
   * nanoseconds spent on the scored ones together; #gchararray `device`, where they are scored, and
   * `bank`, the checksum of the bank in use (both unset while none is); and #guint64 `swaps`, how
   * often another one came into use.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, GST_PATCH_CORE_DETECT_STATS,
      g_param_spec_boxed("stats", "Statistics", "Counts of frames since the element started",
                         GST_TYPE_STRUCTURE, read_only));
}

bool gst_patch_core_detect_store_property(GstPatchCoreDetectSettings& settings, guint id,
                                          const GValue* value) {
  switch (id) {
    case GST_PATCH_CORE_DETECT_BANK:
      settings.load.bank = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_WATCH_BANK:
      settings.load.watch_bank = g_value_get_boolean(value) != FALSE;
      return true;
    case GST_PATCH_CORE_DETECT_WEIGHTS:
      settings.load.weights = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_ALLOW_TORCHSCRIPT:
      settings.load.allow_torchscript = g_value_get_boolean(value);
      return true;
    case GST_PATCH_CORE_DETECT_REGION:
      settings.area.region = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_MASK:
      settings.area.mask = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_REGION_FROM_META:
      settings.load.region_from_meta = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_THRESHOLD:
      settings.frame.threshold = g_value_get_double(value);
      return true;
    case GST_PATCH_CORE_DETECT_OVERLAY:
      settings.frame.overlay.overlay = g_value_get_flags(value);
      return true;
    case GST_PATCH_CORE_DETECT_OVERLAY_OPACITY:
      settings.frame.overlay.opacity = g_value_get_double(value);
      return true;
    case GST_PATCH_CORE_DETECT_MODE:
      settings.load.mode = static_cast<GstPatchCoreMode>(g_value_get_enum(value));
      return true;
    case GST_PATCH_CORE_DETECT_INTERVAL:
      settings.frame.interval = g_value_get_uint(value);
      return true;
    case GST_PATCH_CORE_DETECT_MIN_REGION_AREA:
      settings.frame.min_region_area = g_value_get_double(value);
      return true;
    case GST_PATCH_CORE_DETECT_POST_MESSAGES:
      settings.frame.post_messages = static_cast<GstPatchCorePostMessages>(g_value_get_enum(value));
      return true;
    case GST_PATCH_CORE_DETECT_STATS_INTERVAL:
      settings.frame.stats_interval = g_value_get_uint(value);
      return true;
    case GST_PATCH_CORE_DETECT_THREADS:
      settings.load.threads = g_value_get_int(value);
      return true;
    case GST_PATCH_CORE_DETECT_QOS:
      settings.frame.qos = g_value_get_boolean(value);
      return true;
    case GST_PATCH_CORE_DETECT_ENGINE_THREADS:
      settings.load.engine_threads = g_value_get_int(value);
      return true;
    case GST_PATCH_CORE_DETECT_BATCH_SIZE:
      settings.load.batch_size = g_value_get_int(value);
      return true;
    case GST_PATCH_CORE_DETECT_BATCH_TIMEOUT:
      settings.load.batch_timeout = g_value_get_uint(value);
      return true;
    case GST_PATCH_CORE_DETECT_PRECISION:
      settings.load.precision = static_cast<patchcore::Precision>(g_value_get_enum(value));
      return true;
    case GST_PATCH_CORE_DETECT_DEVICE:
      settings.load.device = string_of(value);
      return true;
    case GST_PATCH_CORE_DETECT_INDEX:
      settings.load.index = static_cast<patchcore::IndexKind>(g_value_get_enum(value));
      return true;
    default:
      return false;
  }
}

bool gst_patch_core_detect_load_property(const GstPatchCoreDetectSettings& settings, guint id,
                                         GValue* value) {
  switch (id) {
    case GST_PATCH_CORE_DETECT_BANK:
      g_value_set_string(value, string_or_null(settings.load.bank));
      return true;
    case GST_PATCH_CORE_DETECT_WATCH_BANK:
      g_value_set_boolean(value, settings.load.watch_bank);
      return true;
    case GST_PATCH_CORE_DETECT_WEIGHTS:
      g_value_set_string(value, string_or_null(settings.load.weights));
      return true;
    case GST_PATCH_CORE_DETECT_ALLOW_TORCHSCRIPT:
      g_value_set_boolean(value, settings.load.allow_torchscript);
      return true;
    case GST_PATCH_CORE_DETECT_REGION:
      g_value_set_string(value, string_or_null(settings.area.region));
      return true;
    case GST_PATCH_CORE_DETECT_MASK:
      g_value_set_string(value, string_or_null(settings.area.mask));
      return true;
    case GST_PATCH_CORE_DETECT_REGION_FROM_META:
      g_value_set_string(value, string_or_null(settings.load.region_from_meta));
      return true;
    case GST_PATCH_CORE_DETECT_THRESHOLD:
      g_value_set_double(value, settings.frame.threshold);
      return true;
    case GST_PATCH_CORE_DETECT_OVERLAY:
      g_value_set_flags(value, settings.frame.overlay.overlay);
      return true;
    case GST_PATCH_CORE_DETECT_OVERLAY_OPACITY:
      g_value_set_double(value, settings.frame.overlay.opacity);
      return true;
    case GST_PATCH_CORE_DETECT_MODE:
      g_value_set_enum(value, settings.load.mode);
      return true;
    case GST_PATCH_CORE_DETECT_INTERVAL:
      g_value_set_uint(value, settings.frame.interval);
      return true;
    case GST_PATCH_CORE_DETECT_MIN_REGION_AREA:
      g_value_set_double(value, settings.frame.min_region_area);
      return true;
    case GST_PATCH_CORE_DETECT_POST_MESSAGES:
      g_value_set_enum(value, settings.frame.post_messages);
      return true;
    case GST_PATCH_CORE_DETECT_STATS_INTERVAL:
      g_value_set_uint(value, settings.frame.stats_interval);
      return true;
    case GST_PATCH_CORE_DETECT_THREADS:
      g_value_set_int(value, settings.load.threads);
      return true;
    case GST_PATCH_CORE_DETECT_QOS:
      g_value_set_boolean(value, settings.frame.qos);
      return true;
    case GST_PATCH_CORE_DETECT_ENGINE_THREADS:
      g_value_set_int(value, settings.load.engine_threads);
      return true;
    case GST_PATCH_CORE_DETECT_BATCH_SIZE:
      g_value_set_int(value, settings.load.batch_size);
      return true;
    case GST_PATCH_CORE_DETECT_BATCH_TIMEOUT:
      g_value_set_uint(value, settings.load.batch_timeout);
      return true;
    case GST_PATCH_CORE_DETECT_PRECISION:
      g_value_set_enum(value, static_cast<gint>(settings.load.precision));
      return true;
    case GST_PATCH_CORE_DETECT_DEVICE:
      g_value_set_string(value, string_or_null(settings.load.device));
      return true;
    case GST_PATCH_CORE_DETECT_INDEX:
      g_value_set_enum(value, static_cast<gint>(settings.load.index));
      return true;
    default:
      return false;
  }
}
