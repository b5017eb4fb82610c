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
 * * `reason`: why this frame was not scored: "interval" (not its turn), "gap" (no picture), "late"
 *   or "not-yet" (it had to go on before); or null
 * * `verdict`: "normal", "anomalous" or "unknown"
 * * `score`, `threshold`, `usual_score`, `relative_score`: numbers; null where there is no result
 * or the number is not finite
 * * `scored_pts`: presentation time of the frame that was scored, or null
 * * `age`: how many nanoseconds earlier that frame was than this one, or null
 * * `bank`: the checksum of the memory bank that the result came from, or null
 * * `inspected`: `x`, `y`, `width` and `height` of the part that was looked at, or null
 * * `map`: `width` and `height` of the patch scores and, with #GstPatchCorePublish:include-map,
 *   their `values` row by row; or null
 * * `regions`: a list of `x`, `y`, `width`, `height`, `area`, `peak`, `peak_x`, `peak_y`, largest
 *   peak first
 *
 * Positions and sizes are pixels of the frame at this place of the pipeline.
 *
 * Since: 0.1
 */
#include "gst/gstpatchcorepublish.h"

#include <cerrno>
#include <string>

#include "gst/gstpatchcorejson.h"
#include "gst/gstpatchcorelinefile.h"
#include "gst/gstpatchcoreresult.h"

#define GST_CAT_DEFAULT gst_patch_core_publish_debug
GST_DEBUG_CATEGORY_STATIC(GST_CAT_DEFAULT);

namespace {

constexpr const char* DEFAULT_LOCATION = nullptr;
constexpr gboolean DEFAULT_INCLUDE_MAP = FALSE;

enum Property { PROP_0, PROP_LOCATION, PROP_INCLUDE_MAP };

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

struct Private {
  // Guarded by the object lock.
  std::string location;
  bool include_map = DEFAULT_INCLUDE_MAP;

  // From start() to stop(): of the streaming thread.
  std::string open_location;
  GstPatchCoreLineFile file;
  guint64 frame = 0;
};

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
  GST_OBJECT_UNLOCK(self);
  priv.frame = 0;

  if (priv.open_location.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND,
                      ("No file to write the results to: set the property \"location\" to a path, "
                       "or to \"-\" for standard output"),
                      (nullptr));
    return FALSE;
  }
  const int error = priv.file.open(priv.open_location);
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
  const char* location = self->priv->open_location.c_str();

  if (error == ENOSPC || error == EDQUOT) {
    GST_ELEMENT_ERROR(self, RESOURCE, NO_SPACE_LEFT,
                      ("No space left to write results to \"%s\": make room, or set \"location\" "
                       "to a file on another disk",
                       location),
                      ("frame %" G_GUINT64_FORMAT ": %s", self->priv->frame, g_strerror(error)));
  } else {
    GST_ELEMENT_ERROR(self, RESOURCE, WRITE,
                      ("Could not write results to \"%s\": %s. Check the disk, or set \"location\" "
                       "to another file",
                       location, g_strerror(error)),
                      ("frame %" G_GUINT64_FORMAT ", error number %d", self->priv->frame, error));
  }
}

static gboolean gst_patch_core_publish_stop(GstBaseTransform* transform) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(transform);

  const int error = self->priv->file.close();
  if (error != 0) report_write_error(self, error);
  // The message says it; a change to READY must not fail for it.
  return TRUE;
}

static GstFlowReturn gst_patch_core_publish_transform_ip(GstBaseTransform* transform,
                                                         GstBuffer* buffer) {
  GstPatchCorePublish* self = GST_PATCH_CORE_PUBLISH(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  const bool include_map = priv.include_map;
  GST_OBJECT_UNLOCK(self);

  const int error = priv.file.write_line(gst_patch_core_json(
      priv.frame, GST_BUFFER_PTS(buffer), gst_patch_core_result_nearest(buffer), include_map));
  if (error == ECANCELED) return GST_FLOW_FLUSHING;
  if (error != 0) {
    report_write_error(self, error);
    return GST_FLOW_ERROR;
  }
  ++priv.frame;
  return GST_FLOW_OK;
}

// The reader of a pipe may keep the streaming thread waiting; whoever waits for that thread ends
// it.

static gboolean gst_patch_core_publish_sink_event(GstBaseTransform* transform, GstEvent* event) {
  GstPatchCoreLineFile& file = GST_PATCH_CORE_PUBLISH(transform)->priv->file;

  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) file.set_flushing(true);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) file.set_flushing(false);
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_publish_parent_class)
      ->sink_event(transform, event);
}

static GstStateChangeReturn gst_patch_core_publish_change_state(GstElement* element,
                                                                GstStateChange transition) {
  GstPatchCoreLineFile& file = GST_PATCH_CORE_PUBLISH(element)->priv->file;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) file.set_flushing(false);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) file.set_flushing(true);
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
   * File to write, one JSON object a line; "-" is standard output. Needed. The file is emptied
   * whenever the element starts, so a pipeline that goes to NULL and back to PLAYING starts a new
   * one under the same name. Every line is in the file before its buffer goes on.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LOCATION,
      g_param_spec_string(
          "location", "Location",
          "File to write results to, emptied at every start; - is standard output; needed",
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

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "PatchCore result writer", "Filter/Metadata",
                                        "Writes the results of patchcoredetect as lines of JSON",
                                        "The patchcore-gst authors");
}
