// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcorepublish.
/**
 * SECTION:element-patchcorepublish
 * @title: patchcorepublish
 *
 * Writes the result of `patchcoredetect` as one line of JSON for every buffer and lets the buffers
 * pass as they are. A buffer without a result has its line, too: its `result` is "none".
 *
 * |[
 * gst-launch-1.0 -q videotestsrc num-buffers=3 ! patchcorepublish location=- ! fakesink
 * ]|
 * prints three lines that start with
 * `{"frame":0,"pts":0,"result":"none","reason":null,"verdict":"unknown","score":null`. Behind a
 * detector:
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert
 *   ! patchcoredetect bank=parts.bank ! patchcorepublish location=results.jsonl ! fakesink
 * ]|
 *
 * The fields of a line:
 *
 * * `frame`: how many buffers came before this one since the element started
 * * `pts`: presentation time in nanoseconds, or null
 * * `result`: "fresh" (this frame was scored), "held" (the latest result again) or "none"
 * * `reason`: why this frame was not scored: "interval" (not its turn), "gap" (no picture), "late",
 *   "not-yet" (it had to go on before), "no-part" (none was marked) or "unfit" (no part fits); or
 *   null
 * * `verdict`: "normal", "anomalous" or "unknown"
 * * `score`, `threshold`, `usual_score`, `relative_score`: numbers; null where there is no result
 *   or the number is not finite
 * * `scored_pts`: presentation time of the frame that was scored, or null
 * * `age`: how many nanoseconds earlier that frame was than this one, or null
 * * `bank`: the checksum of the memory bank that the result came from, or null
 * * `inspected`: `x`, `y`, `width` and `height` of the part that was looked at, or null
 * * `map`: `width` and `height` of the patch scores and, with #GstPatchCorePublish:include-map,
 *   their `values` row by row; or null
 * * `regions`: a list of `x`, `y`, `width`, `height`, `area`, `peak`, `peak_x`, `peak_y`, largest
 *   peak first
 * * `parts`: with #GstPatchCoreDetect:region-from-meta a list of `roi_id`, `reason`, `verdict`,
 *   `score`, `relative_score`, `x`, `y`, `width`, `height`
 *
 * Positions and sizes are pixels of the frame at this place of the pipeline.
 *
 * A file is kept from growing beyond #GstPatchCorePublish:max-size: it is renamed to "FILE.1",
 * older ones move on to "FILE.2" and so on, and a new one is begun. No line is ever split.
 *
 * A full disk, or a file that reached the largest size allowed (ulimit -f), does not stop the
 * pipeline: the results that have no room are lost and counted in #GstPatchCorePublish:stats. A
 * warning says so once, when the first is lost, and an information message once there is room
 * again. The numbers in `frame` go on, so that it shows in the file, too.
 *
 * Since: 0.1
 */
#include "gst/gstpatchcorepublish.h"

#include <cerrno>
#include <string>
#include <utility>

#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcorejson.h"
#include "gst/gstpatchcoreresult.h"
#include "gst/gstpatchcorerotatedfiles.h"

#define GST_CAT_DEFAULT gst_patch_core_publish_debug
GST_DEBUG_CATEGORY_STATIC(GST_CAT_DEFAULT);

namespace {

constexpr const char* DEFAULT_LOCATION = nullptr;
constexpr gboolean DEFAULT_INCLUDE_MAP = FALSE;
constexpr gboolean DEFAULT_APPEND = FALSE;
constexpr guint64 DEFAULT_MAX_SIZE = 0;
constexpr guint DEFAULT_MAX_FILES = 10;

enum Property {
  PROP_0,
  PROP_LOCATION,
  PROP_INCLUDE_MAP,
  PROP_APPEND,
  PROP_MAX_SIZE,
  PROP_MAX_FILES,
  PROP_STATS,
};

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/// Counted from start to stop.
struct Stats {
  guint64 written = 0;
  guint64 lost = 0;
  guint64 rotations = 0;
};

struct Private {
  // Guarded by the object lock.
  std::string location;
  bool include_map = DEFAULT_INCLUDE_MAP;
  bool append = DEFAULT_APPEND;
  GstPatchCoreRotatedFiles::Limits limits{DEFAULT_MAX_SIZE, DEFAULT_MAX_FILES};
  Stats stats;

  // From start() to stop(): of the streaming thread.
  std::string open_location;
  GstPatchCoreRotatedFiles files;
  guint64 frame = 0;
  guint64 lost_in_a_row = 0;
  bool warned_of_no_detector = false;
};

/// Errors that pass when somebody makes room.
bool is_no_room(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

GstStructure* stats_structure(const Stats& stats) {
  return gst_structure_new("patchcore-publish-stats", "written", G_TYPE_UINT64, stats.written,
                           "lost", G_TYPE_UINT64, stats.lost, "rotations", G_TYPE_UINT64,
                           stats.rotations, nullptr);
}

}  // namespace

struct _GstPatchCorePublish {
  GstBaseTransform parent;

  Private* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstPatchCorePublish, gst_patch_core_publish, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_patch_core_publish_debug, "patchcorepublish", 0,
                                                "results as lines of JSON"))
GST_ELEMENT_REGISTER_DEFINE(patchcorepublish, "patchcorepublish", GST_RANK_NONE,
                            GST_TYPE_PATCH_CORE_PUBLISH)

static void gst_patch_core_publish_set_property(GObject* object, guint id, const GValue* value,
                                                GParamSpec* spec) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(object);

  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_LOCATION: {
      const gchar* location = g_value_get_string(value);
      self->priv->location = location != nullptr ? location : "";
      break;
    }
    case PROP_INCLUDE_MAP:
      self->priv->include_map = g_value_get_boolean(value);
      break;
    case PROP_APPEND:
      self->priv->append = g_value_get_boolean(value);
      break;
    case PROP_MAX_SIZE:
      self->priv->limits.max_size = g_value_get_uint64(value);
      break;
    case PROP_MAX_FILES:
      self->priv->limits.max_files = g_value_get_uint(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

static void gst_patch_core_publish_get_property(GObject* object, guint id, GValue* value,
                                                GParamSpec* spec) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(object);

  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string(value,
                         self->priv->location.empty() ? nullptr : self->priv->location.c_str());
      break;
    case PROP_INCLUDE_MAP:
      g_value_set_boolean(value, self->priv->include_map);
      break;
    case PROP_APPEND:
      g_value_set_boolean(value, self->priv->append);
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint64(value, self->priv->limits.max_size);
      break;
    case PROP_MAX_FILES:
      g_value_set_uint(value, self->priv->limits.max_files);
      break;
    case PROP_STATS:
      g_value_take_boxed(value, stats_structure(self->priv->stats));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

static gboolean gst_patch_core_publish_start(GstBaseTransform* transform) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  priv.open_location = priv.location;
  priv.stats = {};
  const bool append = priv.append;
  GST_OBJECT_UNLOCK(self);
  priv.frame = 0;
  priv.lost_in_a_row = 0;
  priv.warned_of_no_detector = false;

  if (priv.open_location.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND,
                      ("No file to write the results to: set the property \"location\" to a path, "
                       "or to \"-\" for standard output"),
                      (nullptr));
    return FALSE;
  }
  const int error = priv.files.open(priv.open_location, append);
  if (error == ENXIO) {
    GST_ELEMENT_ERROR(
        self, RESOURCE, OPEN_WRITE,
        ("Nobody reads the named pipe \"%s\": start its reader first", priv.open_location.c_str()),
        ("open: %s", g_strerror(error)));
    return FALSE;
  }
  if (error != 0) {
    GST_ELEMENT_ERROR(self, RESOURCE, OPEN_WRITE,
                      ("Could not open \"%s\" for the results: %s. Set \"location\" to a file in a "
                       "folder that exists and that you may write to",
                       priv.open_location.c_str(), g_strerror(error)),
                      ("open failed with error number %d", error));
    return FALSE;
  }
  return TRUE;
}

static void report_write_error(GstPatchCorePublish* self, int error) {
  GST_ELEMENT_ERROR(self, RESOURCE, WRITE,
                    ("Could not write results to \"%s\": %s. Check the disk, or set \"location\" "
                     "to another file",
                     self->priv->open_location.c_str(), g_strerror(error)),
                    ("frame %" G_GUINT64_FORMAT ", error number %d", self->priv->frame, error));
}

static void warn_of_no_room(GstPatchCorePublish* self, int error) {
  GST_ELEMENT_WARNING(self, RESOURCE, NO_SPACE_LEFT,
                      ("No space left to write results to \"%s\": they are lost until there is. "
                       "Make room, or set \"location\" to a file on another disk",
                       self->priv->open_location.c_str()),
                      ("frame %" G_GUINT64_FORMAT ": %s", self->priv->frame, g_strerror(error)));
}

/// The lines would say only that there is nothing.
static void warn_once_of_no_detector(GstPatchCorePublish* self) {
  if (std::exchange(self->priv->warned_of_no_detector, true)) return;
  GST_ELEMENT_WARNING(self, STREAM, FAILED,
                      ("Buffers come without results: put patchcoredetect before this element, and "
                       "nothing between them that drops metadata"),
                      (nullptr));
}

/// At the end, when there will be no room again.
static void tell_of_lost(GstPatchCorePublish* self) {
  const guint64 lost = std::exchange(self->priv->lost_in_a_row, 0);
  if (lost == 0) return;
  GST_ELEMENT_INFO(self, RESOURCE, NO_SPACE_LEFT,
                   ("The last %" G_GUINT64_FORMAT " results for \"%s\" were lost", lost,
                    self->priv->open_location.c_str()),
                   (nullptr));
}

/// Says once when results begin to be lost and once when that ends.
static void count_result(GstPatchCorePublish* self, int error) {
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  (error == 0 ? priv.stats.written : priv.stats.lost) += 1;
  priv.stats.rotations = priv.files.rotations();
  GST_OBJECT_UNLOCK(self);
  if (error != 0) {
    if (priv.lost_in_a_row == 0) warn_of_no_room(self, error);
    priv.lost_in_a_row += 1;
  } else if (priv.lost_in_a_row > 0) {
    GST_ELEMENT_INFO(self, RESOURCE, NO_SPACE_LEFT,
                     ("Results are written to \"%s\" again: %" G_GUINT64_FORMAT " were lost",
                      priv.open_location.c_str(), priv.lost_in_a_row),
                     (nullptr));
    priv.lost_in_a_row = 0;
  }
}

static gboolean gst_patch_core_publish_stop(GstBaseTransform* transform) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(transform);

  tell_of_lost(self);
  const int error = self->priv->files.close();
  if (is_no_room(error)) {
    warn_of_no_room(self, error);
  } else if (error != 0) {
    report_write_error(self, error);
  }
  // The message says it; a change to READY must not fail for it.
  return TRUE;
}

static GstFlowReturn gst_patch_core_publish_transform_ip(GstBaseTransform* transform,
                                                         GstBuffer* buffer) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  const bool include_map = priv.include_map;
  const GstPatchCoreRotatedFiles::Limits limits = priv.limits;
  GST_OBJECT_UNLOCK(self);

  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    const GstPatchCoreMeta* meta = gst_patch_core_result_nearest(buffer);
    if (meta == nullptr) warn_once_of_no_detector(self);
    const int error = priv.files.write_line(
        gst_patch_core_json(priv.frame, GST_BUFFER_PTS(buffer), meta, include_map), limits);
    if (error == ECANCELED) return GST_FLOW_FLUSHING;
    if (error != 0 && !is_no_room(error)) {
      report_write_error(self, error);
      return GST_FLOW_ERROR;
    }
    count_result(self, error);
    ++priv.frame;
    return GST_FLOW_OK;
  });
}

// The reader of a pipe may keep the streaming thread waiting; whoever waits for that thread ends
// it.

static gboolean gst_patch_core_publish_sink_event(GstBaseTransform* transform, GstEvent* event) {
  GstPatchCoreRotatedFiles& files = GST_PATCH_CORE_PUBLISH(transform)->priv->files;

  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) tell_of_lost(GST_PATCH_CORE_PUBLISH(transform));
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) files.set_flushing(true);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) files.set_flushing(false);
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_publish_parent_class)
      ->sink_event(transform, event);
}

static GstStateChangeReturn gst_patch_core_publish_change_state(GstElement* element,
                                                                GstStateChange transition) {
  GstPatchCoreRotatedFiles& files = GST_PATCH_CORE_PUBLISH(element)->priv->files;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) files.set_flushing(false);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) files.set_flushing(true);
  return GST_ELEMENT_CLASS(gst_patch_core_publish_parent_class)->change_state(element, transition);
}

static void gst_patch_core_publish_finalize(GObject* object) {
  delete GST_PATCH_CORE_PUBLISH(object)->priv;
  G_OBJECT_CLASS(gst_patch_core_publish_parent_class)->finalize(object);
}

static void gst_patch_core_publish_init(GstPatchCorePublish* self) {
  self->priv = new Private();
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_patch_core_publish_class_init(GstPatchCorePublishClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  auto* transform_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_patch_core_publish_set_property;
  object_class->get_property = gst_patch_core_publish_get_property;
  object_class->finalize = gst_patch_core_publish_finalize;
  element_class->change_state = GST_DEBUG_FUNCPTR(gst_patch_core_publish_change_state);
  transform_class->sink_event = GST_DEBUG_FUNCPTR(gst_patch_core_publish_sink_event);
  transform_class->start = GST_DEBUG_FUNCPTR(gst_patch_core_publish_start);
  transform_class->stop = GST_DEBUG_FUNCPTR(gst_patch_core_publish_stop);
  transform_class->transform_ip = GST_DEBUG_FUNCPTR(gst_patch_core_publish_transform_ip);

  /**
   * GstPatchCorePublish:location:
   *
   * File to write, one JSON object a line; "-" is standard output. Needed. Unless
   * #GstPatchCorePublish:append is set the file is emptied whenever the element starts, so a
   * pipeline that goes to NULL and back to PLAYING starts a new one under the same name. Every line
   * is in the file before its buffer goes on.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LOCATION,
      g_param_spec_string(
          "location", "Location",
          "File to write results to, emptied at every start unless append is set; - is standard "
          "output; needed",
          DEFAULT_LOCATION,
          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                   GST_PARAM_MUTABLE_READY)));
  /**
   * GstPatchCorePublish:include-map:
   *
   * Whether a line holds the values of the map of patch scores, and not its size alone.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_INCLUDE_MAP,
      g_param_spec_boolean("include-map", "Include map",
                           "Write the values of the map of patch scores, not its size alone",
                           DEFAULT_INCLUDE_MAP,
                           static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                    GST_PARAM_MUTABLE_PLAYING)));
  /**
   * GstPatchCorePublish:append:
   *
   * Whether to go on in a file that is there. If that ends within a line, as after a loss of power,
   * the next one begins on a line of its own.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_APPEND,
      g_param_spec_boolean("append", "Append", "Go on in a file that is there, not empty it",
                           DEFAULT_APPEND,
                           static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                    GST_PARAM_MUTABLE_READY)));
  /**
   * GstPatchCorePublish:max-size:
   *
   * How large a file may grow before it is put aside and a new one begun. Pipes, devices and
   * standard output are never put aside.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_SIZE,
      g_param_spec_uint64("max-size", "Maximum size",
                          "Begin a new file before this one grows larger, in bytes (0: never); a "
                          "line that is longer has a file of its own",
                          0, G_MAXUINT64, DEFAULT_MAX_SIZE,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING)));
  /**
   * GstPatchCorePublish:max-files:
   *
   * How many files #GstPatchCorePublish:max-size leaves: the one that is written, and those put
   * aside, numbered from 1, the newest. The oldest is removed.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_FILES,
      g_param_spec_uint("max-files", "Maximum files",
                        "Number of files that max-size leaves, the one that is written included; "
                        "the oldest is removed",
                        1, G_MAXUINT, DEFAULT_MAX_FILES,
                        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                 GST_PARAM_MUTABLE_PLAYING)));
  /**
   * GstPatchCorePublish:stats:
   *
   * Counts since the element started: a structure `patchcore-publish-stats` with #guint64 `written`
   * results, `lost` ones, for which there was no room, and `rotations`, how often a new file was
   * begun.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Counts of results since the element started",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "PatchCore result writer", "Filter/Metadata",
                                        "Writes the results of patchcoredetect as lines of JSON",
                                        "The patchcore-gst authors");
}
