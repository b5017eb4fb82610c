// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoreoverlay.
/**
 * SECTION:element-patchcoreoverlay
 * @title: patchcoreoverlay
 *
 * Draws the results of `patchcoredetect` over the frames, from their metadata alone: later in the
 * pipeline, behind a queue, on another branch, at another size.
 *
 * |[
 * gst-launch-1.0 filesrc location=parts.mp4 ! decodebin ! videoconvert
 *   ! patchcoredetect bank=parts.bank overlay=none ! tee name=t
 *   t. ! queue ! x264enc ! mp4mux ! filesink location=clean.mp4
 *   t. ! queue ! videoscale ! video/x-raw,width=640,height=360 ! patchcoreoverlay
 *   ! videoconvert ! autovideosink
 * ]|
 * records the video as it came and shows it, smaller, with a heatmap and the verdict.
 *
 * What is drawn is what `patchcoredetect` draws with the same settings, to the byte where the
 * frames are the same. Buffers without a #GstPatchCoreMeta, those that were not inspected, and gaps
 * pass as they are. Behind several detectors the result of the nearest one is drawn. Where
 * downstream draws overlay compositions itself, the overlay is handed to it and the pixels stay as
 * they are.
 *
 * Since: 0.1
 */
#include "gst/gstpatchcoreoverlay.h"

#include <gst/video/video.h>

#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreframe.h"
#include "gst/gstpatchcoreoverlaydrawing.h"
#include "gst/gstpatchcoreoverlaynegotiation.h"
#include "gst/gstpatchcoreoverlayproperties.h"
#include "gst/gstpatchcoreresult.h"

#define GST_CAT_DEFAULT gst_patch_core_overlay_debug
GST_DEBUG_CATEGORY_STATIC(GST_CAT_DEFAULT);

namespace {

enum Property { PROP_0, PROP_OVERLAY, PROP_OVERLAY_OPACITY };

#define PAD_CAPS GST_PATCH_CORE_OVERLAY_CAPS(GST_PATCH_CORE_VIDEO_FORMATS)

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));

struct Private {
  explicit Private(GstBaseTransform* element) : negotiation(element) {}

  // Guarded by the object lock.
  GstPatchCoreOverlaySettings settings;

  GstPatchCoreOverlayNegotiation negotiation;

  // From start() to stop(): of the streaming thread.
  GstVideoInfo info;
  GstPatchCoreOverlayDrawing drawing;
};

}  // namespace

struct _GstPatchCoreOverlay {
  GstBaseTransform parent;

  Private* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstPatchCoreOverlay, gst_patch_core_overlay, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_patch_core_overlay_debug, "patchcoreoverlay", 0,
                                                "drawing of results"))
GST_ELEMENT_REGISTER_DEFINE(patchcoreoverlay, "patchcoreoverlay", GST_RANK_NONE,
                            GST_TYPE_PATCH_CORE_OVERLAY)

static GstFlowReturn gst_patch_core_overlay_transform_ip(GstBaseTransform* transform,
                                                         GstBuffer* buffer) {
  GstPatchCoreOverlay* self = GST_PATCH_CORE_OVERLAY(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  const GstPatchCoreOverlaySettings settings = priv.settings;
  GST_OBJECT_UNLOCK(self);

  const GstPatchCoreMeta* meta = gst_patch_core_result_nearest(buffer);
  if (meta == nullptr || meta->result == GST_PATCH_CORE_RESULT_NONE) return GST_FLOW_OK;
  if (settings.overlay == GST_PATCH_CORE_OVERLAY_NONE || gst_patch_core_is_gap(buffer)) {
    return GST_FLOW_OK;
  }
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    priv.drawing.draw(gst_patch_core_result_detection(meta), settings,
                      {GST_VIDEO_INFO_WIDTH(&priv.info), GST_VIDEO_INFO_HEIGHT(&priv.info)});
    gboolean drawn = FALSE;
    const GstFlowReturn flow = priv.drawing.lay_over(GST_ELEMENT(self), buffer, priv.info,
                                                     priv.negotiation.attaches(), drawn);
    if (drawn) gst_patch_core_result_mark_drawn(buffer);
    return flow;
  });
}

static void gst_patch_core_overlay_before_transform(GstBaseTransform* transform,
                                                    GstBuffer* buffer) {
  gst_patch_core_sync_properties(transform, buffer);
}

static gboolean gst_patch_core_overlay_start(GstBaseTransform* transform) {
  GST_PATCH_CORE_OVERLAY(transform)->priv->negotiation.start();
  return TRUE;
}

static gboolean gst_patch_core_overlay_stop(GstBaseTransform* transform) {
  GST_PATCH_CORE_OVERLAY(transform)->priv->drawing.forget();
  return TRUE;
}

static gboolean gst_patch_core_overlay_set_caps(GstBaseTransform* transform, GstCaps* in_caps,
                                                GstCaps* /*out_caps*/) {
  GstPatchCoreOverlay* self = GST_PATCH_CORE_OVERLAY(transform);

  if (!gst_video_info_from_caps(&self->priv->info, in_caps)) {
    GST_ERROR_OBJECT(self, "%" GST_PTR_FORMAT " describes no video", in_caps);
    return FALSE;
  }
  self->priv->negotiation.set_caps();
  return TRUE;
}

static GstCaps* gst_patch_core_overlay_transform_caps(GstBaseTransform* /*transform*/,
                                                      GstPadDirection direction, GstCaps* caps,
                                                      GstCaps* filter) {
  return gst_patch_core_composition_transform_caps(direction, caps, filter);
}

static GstCaps* gst_patch_core_overlay_fixate_caps(GstBaseTransform* transform,
                                                   GstPadDirection direction, GstCaps* caps,
                                                   GstCaps* other_caps) {
  return GST_PATCH_CORE_OVERLAY(transform)->priv->negotiation.fixate_caps(direction, caps,
                                                                          other_caps);
}

static GstFlowReturn gst_patch_core_overlay_submit_input_buffer(GstBaseTransform* transform,
                                                                gboolean is_discont,
                                                                GstBuffer* buffer) {
  GST_PATCH_CORE_OVERLAY(transform)->priv->negotiation.submit_input_buffer();
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_overlay_parent_class)
      ->submit_input_buffer(transform, is_discont, buffer);
}

static gboolean gst_patch_core_overlay_src_event(GstBaseTransform* transform, GstEvent* event) {
  GST_PATCH_CORE_OVERLAY(transform)->priv->negotiation.src_event(event);
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_overlay_parent_class)->src_event(transform, event);
}

static void gst_patch_core_overlay_set_property(GObject* object, guint id, const GValue* value,
                                                GParamSpec* spec) {
  GstPatchCoreOverlay* self = GST_PATCH_CORE_OVERLAY(object);

  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_OVERLAY:
      self->priv->settings.overlay = g_value_get_flags(value);
      break;
    case PROP_OVERLAY_OPACITY:
      self->priv->settings.opacity = g_value_get_double(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

static void gst_patch_core_overlay_get_property(GObject* object, guint id, GValue* value,
                                                GParamSpec* spec) {
  GstPatchCoreOverlay* self = GST_PATCH_CORE_OVERLAY(object);

  GST_OBJECT_LOCK(self);
  switch (id) {
    case PROP_OVERLAY:
      g_value_set_flags(value, self->priv->settings.overlay);
      break;
    case PROP_OVERLAY_OPACITY:
      g_value_set_double(value, self->priv->settings.opacity);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
  GST_OBJECT_UNLOCK(self);
}

static void gst_patch_core_overlay_init(GstPatchCoreOverlay* self) {
  self->priv = new Private(GST_BASE_TRANSFORM(self));
  gst_video_info_init(&self->priv->info);
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}

static void gst_patch_core_overlay_finalize(GObject* object) {
  delete GST_PATCH_CORE_OVERLAY(object)->priv;
  G_OBJECT_CLASS(gst_patch_core_overlay_parent_class)->finalize(object);
}

static void gst_patch_core_overlay_class_init(GstPatchCoreOverlayClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_set_property);
  object_class->get_property = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_get_property);
  object_class->finalize = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_finalize);

  /**
   * GstPatchCoreOverlay:overlay
   *
   * What is drawn over the frames.
   *
   * Since: 0.1
   */
  /**
   * GstPatchCoreOverlay:overlay-opacity
   *
   * How much of the frame heatmap and contour hide where they are strongest.
   *
   * Since: 0.1
   */
  gst_patch_core_overlay_install_properties(object_class, PROP_OVERLAY, PROP_OVERLAY_OPACITY);

  transform_class->start = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_start);
  transform_class->stop = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_stop);
  transform_class->set_caps = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_set_caps);
  transform_class->transform_caps = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_transform_caps);
  transform_class->fixate_caps = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_fixate_caps);
  transform_class->submit_input_buffer =
      GST_DEBUG_FUNCPTR(gst_patch_core_overlay_submit_input_buffer);
  transform_class->src_event = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_src_event);
  transform_class->before_transform = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_before_transform);
  transform_class->transform_ip = GST_DEBUG_FUNCPTR(gst_patch_core_overlay_transform_ip);

  gst_element_class_set_static_metadata(
      element_class, "PatchCore result drawer", "Filter/Effect/Video",
      "Draws the results of patchcoredetect over frames, from their metadata",
      "The patchcore-gst authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
}
