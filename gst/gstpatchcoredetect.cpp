// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoredetect.
/**
 * SECTION:element-patchcoredetect
 * @title: patchcoredetect
 *
 * Compares video frames with a memory bank that `patchcoretrain` made of good ones, attaches the
 * result to every buffer, draws it over the picture and posts messages about it.
 *
 * |[
 * gst-launch-1.0 -m filesrc location=parts.mp4 ! decodebin ! videoconvert
 *   ! patchcoredetect bank=parts.bank ! videoconvert ! autovideosink
 * ]|
 * shows the video with a heatmap and the verdict, and prints a message for each anomalous frame.
 *
 * Every buffer that passes carries a #GstPatchCoreMeta, and a #GstVideoRegionOfInterestMeta of type
 * "anomaly" for each region, with a parameter structure `patchcore-region`. Built with GStreamer
 * 1.24 or newer the result is also in the buffer's #GstAnalyticsRelationMeta: a classification and
 * an object for each region. Where downstream draws overlay compositions itself, the overlay is
 * handed to it and the pixels stay as they are. What is drawn never changes what is found: a frame
 * is scored before anything is drawn over it.
 *
 * Element messages are called `patchcore-result`; #GstPatchCoreDetect:post-messages says for which
 * frames. Their fields:
 *
 * * #GstPatchCoreResult `result`: fresh (this frame was scored), held (the latest result is shown
 *   again) or none (not inspected)
 * * #GstPatchCoreReason `reason`: why this frame was not scored: interval, gap, late, not-yet,
 *   no-part or unfit; none if it was
 * * #GstPatchCoreVerdict `verdict`: normal, anomalous or unknown
 * * #gdouble `score`: raw score of the frame; not a number where there is no result
 * * #gdouble `threshold`: the boundary that it was compared with
 * * #gdouble `usual-score`: what a usual good frame scores
 * * #gdouble `relative-score`: score / threshold, 1 is the boundary
 * * #GstClockTime `pts`: presentation time of the buffer
 * * #GstClockTime `duration`: of the buffer
 * * #GstClockTime `stream-time`: of the buffer
 * * #GstClockTime `running-time`: of the buffer
 * * #GstClockTime `scored-pts`: presentation time of the frame that was scored
 * * #GstClockTime `age`: how much earlier that frame was than this one
 * * #gchararray `bank`: the checksum of the memory bank that the result came from
 * * #GST_TYPE_ARRAY `regions`: #GstStructure `patchcore-region`, largest peak first, each with
 *   #gint `x`, `y`, `width`, `height`, #gdouble `area` (frame pixels), #gdouble `peak`, #gdouble
 *   `relative-peak`, #gint `peak-x` and `peak-y`
 * * #GST_TYPE_ARRAY `parts`: with #GstPatchCoreDetect:region-from-meta, #GstStructure
 *   `patchcore-part`, each with the fields of #GstPatchCorePart
 *
 * With #GstPatchCoreDetect:stats-interval element messages `patchcore-stats` are posted, too: the
 * fields of #GstPatchCoreDetect:stats and
 *
 * * #GstClockTime `elapsed`: since the element started
 *
 * They are posted when a frame has passed, so that a stream that stands still posts none, and once
 * more at its end. Applications that want the anomalous frames themselves connect to
 * #GstPatchCoreDetect::anomaly.
 *
 * The bank may be changed while the element plays: see #GstPatchCoreDetect:bank and
 * #GstPatchCoreDetect:watch-bank. From the first frame that another one is in use for, no frame
 * carries a result of the bank before, and each says which bank its result came from. An element
 * message `patchcore-bank` tells the application, with the fields of
 * #GstPatchCoreDetect:bank-info and
 *
 * * #GstClockTime `pts`: presentation time of that first frame
 *
 * With #GstPatchCoreDetect:mode `newest`, the default for live streams, frames never wait: the
 * newest one is scored beside them, and each carries the newest result as a held one. A message
 * about a result is posted with the first frame that carries it. With `every` frames wait until
 * they are scored, which live pipelines are told of as latency.
 *
 * Late frames are scored like any other, unless #GstPatchCoreDetect:qos is set: then they pass
 * without, carry the held result, and a #GST_MESSAGE_QOS says so. Buffers flagged as gaps are not
 * looked at; they carry the held result, or none, and nothing is drawn over them.
 *
 * Since: 0.1
 */
#include "gst/gstpatchcoredetect.h"

#include <gst/video/video.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "core/detector.h"
#include "gst/gstpatchcoredetectarea.h"
#include "gst/gstpatchcoredetectbank.h"
#include "gst/gstpatchcoredetectproperties.h"
#include "gst/gstpatchcoredetectreports.h"
#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreframe.h"
#include "gst/gstpatchcoreinspection.h"
#include "gst/gstpatchcoreoverlaydrawing.h"
#include "gst/gstpatchcoreoverlaynegotiation.h"
#include "gst/gstpatchcoreproperties.h"
#include "gst/gstpatchcoreresult.h"
#include "gst/patchcore/patchcore.h"

#define GST_CAT_DEFAULT gst_patch_core_detect_debug
GST_DEBUG_CATEGORY(GST_CAT_DEFAULT);

namespace {

#define PAD_CAPS GST_PATCH_CORE_OVERLAY_CAPS(GST_PATCH_CORE_VIDEO_FORMATS)

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));

struct Private {
  explicit Private(GstBaseTransform* element)
      : bank(GST_ELEMENT(element), settings.load),
        area(GST_ELEMENT(element), settings.area),
        negotiation(element),
        inspection(element),
        reports(GST_ELEMENT(element)) {}

  // Guarded by the object lock.
  GstPatchCoreDetectSettings settings;

  GstPatchCoreDetectBank bank;
  GstPatchCoreDetectArea area;

  GstPatchCoreOverlayNegotiation negotiation;

  GstPatchCoreInspection inspection;

  // From start() to stop(): of the streaming thread.
  GstVideoInfo info;
  GstPatchCoreOverlayDrawing drawing;
  std::optional<GstVideoInfo> refused;  ///< caps that the user was told about
  GstPatchCoreDetectReports reports;
  bool warned_of_drawing = false;
};

}  // namespace

struct _GstPatchCoreDetect {
  GstBaseTransform parent;

  Private* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstPatchCoreDetect, gst_patch_core_detect, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_patch_core_detect_debug, "patchcoredetect", 0,
                                                "anomaly detection"))
GST_ELEMENT_REGISTER_DEFINE(patchcoredetect, "patchcoredetect", GST_RANK_NONE,
                            GST_TYPE_PATCH_CORE_DETECT)

namespace {

GstStructure* stats_structure(const GstPatchCoreInspectionStats& stats) {
  return gst_structure_new("patchcore-stats", "scored", G_TYPE_UINT64, stats.scored, "anomalous",
                           G_TYPE_UINT64, stats.anomalous, "held", G_TYPE_UINT64, stats.held,
                           "uninspected", G_TYPE_UINT64, stats.uninspected, "skipped",
                           G_TYPE_UINT64, stats.skipped, "late", G_TYPE_UINT64, stats.late,
                           "scoring-time", G_TYPE_UINT64, stats.scoring_time, nullptr);
}

}  // namespace

/// Of two results that came since the last frame the older one: the frame carries the newer, the
/// application is to know of both.
static void report_passed_over(GstPatchCoreDetect* self, GstBuffer* buffer,
                               GstPatchCorePostMessages mode) {
  Private& priv = *self->priv;
  const std::unique_ptr<GstBuffer, decltype(&gst_buffer_unref)> carrier(gst_buffer_new(),
                                                                        gst_buffer_unref);
  gst_buffer_copy_into(carrier.get(), buffer, GST_BUFFER_COPY_TIMESTAMPS, 0, 0);
  GstPatchCoreFrameResult result;
  result.result = GST_PATCH_CORE_RESULT_HELD;
  priv.inspection.add_held(result);
  const GstPatchCoreMeta* meta = gst_patch_core_result_attach(carrier.get(), result);
  priv.reports.post(carrier.get(), meta, true, &GST_BASE_TRANSFORM(self)->segment, mode);
}

/// What was scored beside the stream and no frame carries any more, as the stream ends. What is
/// being scored is not waited for.
static void report_last_results(GstPatchCoreDetect* self, GstPatchCorePostMessages mode) {
  Private& priv = *self->priv;
  const std::unique_ptr<GstBuffer, decltype(&gst_buffer_unref)> scored(gst_buffer_new(),
                                                                       gst_buffer_unref);
  gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&]() -> gboolean {
    const auto report = [&] {
      GST_BUFFER_PTS(scored.get()) = priv.inspection.held()->pts;
      report_passed_over(self, scored.get(), mode);
    };
    if (priv.inspection.take_last_results(report)) report();
    return TRUE;
  });
}

static GstFlowReturn draw(GstPatchCoreDetect* self, GstBuffer* buffer,
                          const patchcore::Detection& detection,
                          const GstPatchCoreOverlaySettings& settings, gboolean& drawn) {
  Private& priv = *self->priv;
  if (settings.overlay == GST_PATCH_CORE_OVERLAY_NONE) return GST_FLOW_OK;
  priv.drawing.draw(detection, settings,
                    {GST_VIDEO_INFO_WIDTH(&priv.info), GST_VIDEO_INFO_HEIGHT(&priv.info)});
  return priv.drawing.lay_over(GST_ELEMENT(self), buffer, priv.info, priv.negotiation.attaches(),
                               drawn);
}

static GstStructure* make_stats(const GstPatchCoreDetect* self) {
  GstStructure* stats = stats_structure(self->priv->inspection.stats());
  self->priv->bank.add_to_stats(stats);
  return stats;
}

/// Takes the bank into use that was loaded meanwhile, if there is one.
/// @param has_news  whether no frame carries the held result yet: the application is to know of it
/// @return whether there is another bank
static bool swap_bank(GstPatchCoreDetect* self, GstBuffer* buffer, GstPatchCorePostMessages mode,
                      bool has_news) {
  Private& priv = *self->priv;
  std::optional<patchcore::LoadedBank> loaded = priv.bank.take();
  if (!loaded) return false;
  std::shared_ptr<const void> used;
  try {
    used = priv.inspection.use(loaded->detector, [&] {
      if (has_news) report_passed_over(self, buffer, mode);
    });
  } catch (const std::exception& error) {
    priv.bank.refuse(std::move(*loaded), error);
    return false;
  }
  priv.bank.use(*loaded, GST_BUFFER_PTS(buffer), std::move(used));
  return true;
}

/// Takes region and mask into use that were set meanwhile, if they were.
/// @param has_news  as swap_bank()
/// @return whether there are others
static bool change_area(GstPatchCoreDetect* self, GstBuffer* buffer, GstPatchCorePostMessages mode,
                        bool has_news) {
  Private& priv = *self->priv;
  const std::optional<patchcore::InspectionOverride> wanted = priv.area.take();
  if (!wanted) return false;
  try {
    priv.inspection.set_area(*wanted, [&] {
      if (has_news) report_passed_over(self, buffer, mode);
    });
  } catch (const std::exception& error) {
    priv.area.refuse(priv.inspection.area(), error);
    return false;
  }
  return true;
}

static GstFlowReturn gst_patch_core_detect_transform_ip(GstBaseTransform* transform,
                                                        GstBuffer* buffer) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    GST_OBJECT_LOCK(self);
    const GstPatchCoreDetectFrameSettings settings = priv.settings.frame;
    GST_OBJECT_UNLOCK(self);

    bool has_news = priv.inspection.take_results(
        [&] { report_passed_over(self, buffer, settings.post_messages); });
    if (swap_bank(self, buffer, settings.post_messages, has_news)) has_news = false;
    if (change_area(self, buffer, settings.post_messages, has_news)) has_news = false;
    gst_patch_core_warn_once_of_drawing(GST_ELEMENT(self), buffer, priv.warned_of_drawing);
    gboolean drawn = FALSE;
    GstPatchCoreFrameResult result;
    GstFlowReturn flow = priv.inspection.inspect(buffer, settings, result);
    if (flow != GST_FLOW_OK) return flow;
    if (result.detection && !gst_patch_core_is_gap(buffer)) {
      flow = draw(self, buffer, *result.detection, settings.overlay, drawn);
    }
    if (flow != GST_FLOW_OK) return flow;

    GstPatchCoreMeta* meta = gst_patch_core_result_attach(buffer, result);
    meta->drawn = drawn;
    const bool is_new = has_news || result.result == GST_PATCH_CORE_RESULT_FRESH;
    priv.reports.report(buffer, meta, is_new, &transform->segment, settings.post_messages);
    if (priv.reports.is_stats_time(settings.stats_interval))
      priv.reports.post_stats(make_stats(self));
    return GST_FLOW_OK;
  });
}

static void gst_patch_core_detect_before_transform(GstBaseTransform* transform, GstBuffer* buffer) {
  gst_patch_core_sync_properties(transform, buffer);
}

static void forget_stream(GstPatchCoreDetect* self) {
  self->priv->inspection.forget_result();
  self->priv->drawing.forget();
  self->priv->refused.reset();
  self->priv->warned_of_drawing = false;
  self->priv->reports.forget_stream();
  self->priv->inspection.qos().forget();
}

/// On the way down nobody waits for his turn at the detector.
static GstStateChangeReturn gst_patch_core_detect_change_state(GstElement* element,
                                                               GstStateChange change) {
  GstPatchCoreInspection& inspection = GST_PATCH_CORE_DETECT(element)->priv->inspection;
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED) inspection.set_flushing(false);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY) inspection.set_flushing(true);
  return GST_ELEMENT_CLASS(gst_patch_core_detect_parent_class)->change_state(element, change);
}

static gboolean gst_patch_core_detect_stop(GstBaseTransform* transform) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;

  forget_stream(self);
  priv.inspection.stop();
  priv.bank.stop();
  priv.area.stop();
  return TRUE;
}

static gboolean gst_patch_core_detect_start(GstBaseTransform* transform) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  const GstPatchCoreDetectLoadSettings settings = priv.settings.load;
  GST_OBJECT_UNLOCK(self);
  priv.negotiation.start();
  priv.reports.start();

  const gboolean started = gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&]() -> gboolean {
    priv.inspection.start(settings, priv.area.start());
    forget_stream(self);
    priv.inspection.use(priv.bank.start());
    return TRUE;
  });
  // Of an element that could not be started the base class stops nothing.
  if (!started) gst_patch_core_detect_stop(transform);
  return started;
}

static gboolean gst_patch_core_detect_set_caps(GstBaseTransform* transform, GstCaps* in_caps,
                                               GstCaps* /*out_caps*/) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;

  GstVideoInfo info;
  if (!gst_video_info_from_caps(&info, in_caps)) {
    GST_ERROR_OBJECT(self, "%" GST_PTR_FORMAT " describes no video", in_caps);
    return FALSE;
  }
  // Negotiation tries the same caps several times; one error is enough.
  if (priv.refused && gst_video_info_is_equal(&info, &*priv.refused)) return FALSE;
  priv.refused = info;
  return gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&]() -> gboolean {
    priv.inspection.set_caps(info);
    priv.refused.reset();
    priv.info = info;
    priv.negotiation.set_caps();
    return TRUE;
  });
}

static GstCaps* gst_patch_core_detect_transform_caps(GstBaseTransform* /*transform*/,
                                                     GstPadDirection direction, GstCaps* caps,
                                                     GstCaps* filter) {
  return gst_patch_core_composition_transform_caps(direction, caps, filter);
}

static GstCaps* gst_patch_core_detect_fixate_caps(GstBaseTransform* transform,
                                                  GstPadDirection direction, GstCaps* caps,
                                                  GstCaps* other_caps) {
  return GST_PATCH_CORE_DETECT(transform)->priv->negotiation.fixate_caps(direction, caps,
                                                                         other_caps);
}

static GstFlowReturn gst_patch_core_detect_submit_input_buffer(GstBaseTransform* transform,
                                                               gboolean is_discont,
                                                               GstBuffer* buffer) {
  GST_PATCH_CORE_DETECT(transform)->priv->negotiation.submit_input_buffer();
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_detect_parent_class)
      ->submit_input_buffer(transform, is_discont, buffer);
}

static gboolean gst_patch_core_detect_sink_event(GstBaseTransform* transform, GstEvent* event) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    GST_OBJECT_LOCK(self);
    const bool wanted = self->priv->settings.frame.stats_interval > 0;
    const GstPatchCorePostMessages messages = self->priv->settings.frame.post_messages;
    GST_OBJECT_UNLOCK(self);
    report_last_results(self, messages);
    if (wanted) self->priv->reports.post_stats(make_stats(self));
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) self->priv->inspection.set_flushing(true);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) self->priv->inspection.set_flushing(false);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP ||
      GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
    forget_stream(self);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) self->priv->inspection.forget_mode();
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_detect_parent_class)->sink_event(transform, event);
}

static gboolean gst_patch_core_detect_src_event(GstBaseTransform* transform, GstEvent* event) {
  Private& priv = *GST_PATCH_CORE_DETECT(transform)->priv;
  priv.negotiation.src_event(event);
  priv.inspection.qos().src_event(event);
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_detect_parent_class)->src_event(transform, event);
}

/// Frames that are scored before they pass leave that much later.
static gboolean gst_patch_core_detect_query(GstBaseTransform* transform, GstPadDirection direction,
                                            GstQuery* query) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  const Private& priv = *self->priv;
  if (!GST_BASE_TRANSFORM_CLASS(gst_patch_core_detect_parent_class)
           ->query(transform, direction, query)) {
    return FALSE;
  }
  if (direction != GST_PAD_SRC || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return TRUE;
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = GST_CLOCK_TIME_NONE;
  gst_query_parse_latency(query, &live, &min, &max);
  const GstClockTime added = live ? priv.inspection.latency() : 0;
  if (GST_CLOCK_TIME_IS_VALID(max)) max += added;
  gst_query_set_latency(query, live, min + added, max);
  return TRUE;
}

static void gst_patch_core_detect_set_property(GObject* object, guint id, const GValue* value,
                                               GParamSpec* spec) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(object);

  GST_OBJECT_LOCK(self);
  const bool known = gst_patch_core_detect_store_property(self->priv->settings, id, value);
  GST_OBJECT_UNLOCK(self);
  if (!known) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  if (id == GST_PATCH_CORE_DETECT_BANK) self->priv->bank.request();
  if (id == GST_PATCH_CORE_DETECT_WATCH_BANK) self->priv->bank.follow();
  if (id == GST_PATCH_CORE_DETECT_REGION || id == GST_PATCH_CORE_DETECT_MASK) {
    self->priv->area.request(static_cast<GstPatchCoreDetectProperty>(id));
  }
}

static void gst_patch_core_detect_get_property(GObject* object, guint id, GValue* value,
                                               GParamSpec* spec) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(object);
  const Private& priv = *self->priv;

  if (id == GST_PATCH_CORE_DETECT_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  if (id == GST_PATCH_CORE_DETECT_BANK_INFO) {
    g_value_take_boxed(value, priv.bank.info());
    return;
  }
  GST_OBJECT_LOCK(self);
  const bool known = gst_patch_core_detect_load_property(priv.settings, id, value);
  GST_OBJECT_UNLOCK(self);
  if (!known) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_patch_core_detect_init(GstPatchCoreDetect* self) {
  self->priv = new Private(GST_BASE_TRANSFORM(self));
  gst_video_info_init(&self->priv->info);
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  // The base class would drop late frames. Our own property of that name is for us.
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}

static void gst_patch_core_detect_finalize(GObject* object) {
  delete GST_PATCH_CORE_DETECT(object)->priv;
  G_OBJECT_CLASS(gst_patch_core_detect_parent_class)->finalize(object);
}

static void gst_patch_core_detect_class_init(GstPatchCoreDetectClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = GST_DEBUG_FUNCPTR(gst_patch_core_detect_set_property);
  object_class->get_property = GST_DEBUG_FUNCPTR(gst_patch_core_detect_get_property);
  object_class->finalize = GST_DEBUG_FUNCPTR(gst_patch_core_detect_finalize);
  gst_patch_core_detect_install_properties(object_class);
  gst_patch_core_detect_install_signals(object_class);

  element_class->change_state = GST_DEBUG_FUNCPTR(gst_patch_core_detect_change_state);
  transform_class->start = GST_DEBUG_FUNCPTR(gst_patch_core_detect_start);
  transform_class->stop = GST_DEBUG_FUNCPTR(gst_patch_core_detect_stop);
  transform_class->set_caps = GST_DEBUG_FUNCPTR(gst_patch_core_detect_set_caps);
  transform_class->transform_caps = GST_DEBUG_FUNCPTR(gst_patch_core_detect_transform_caps);
  transform_class->fixate_caps = GST_DEBUG_FUNCPTR(gst_patch_core_detect_fixate_caps);
  transform_class->submit_input_buffer =
      GST_DEBUG_FUNCPTR(gst_patch_core_detect_submit_input_buffer);
  transform_class->sink_event = GST_DEBUG_FUNCPTR(gst_patch_core_detect_sink_event);
  transform_class->src_event = GST_DEBUG_FUNCPTR(gst_patch_core_detect_src_event);
  transform_class->query = GST_DEBUG_FUNCPTR(gst_patch_core_detect_query);
  transform_class->before_transform = GST_DEBUG_FUNCPTR(gst_patch_core_detect_before_transform);
  transform_class->transform_ip = GST_DEBUG_FUNCPTR(gst_patch_core_detect_transform_ip);

  gst_element_class_set_static_metadata(
      element_class, "PatchCore anomaly detector", "Filter/Analyzer/Video",
      "Compares frames with a memory bank of good ones and marks what is unusual",
      "The patchcore-gst authors");
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);

  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_INDEX, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_PRECISION, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_MODE, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_POST_MESSAGES, static_cast<GstPluginAPIFlags>(0));
}
