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
 * * #GstPatchCoreReason `reason`: why this frame was not scored: interval, gap, late, not-yet; none
 *   if it was
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
 * * #GST_TYPE_ARRAY `regions`: #GstStructure `patchcore-region`, largest score first, each with
 *   #gint `x`, `y`, `width`, `height`, #gdouble `area` (frame pixels), #gdouble `score`, #gdouble
 *   `relative-score`, #gint `peak-x` and `peak-y`
 *
 * With #GstPatchCoreDetect:stats-interval element messages `patchcore-stats` are posted, too: the
 * fields of #GstPatchCoreDetect:stats and
 *
 * * #GstClockTime `elapsed`: since the element started
 *
 * They are posted when a frame has passed, so that a stream that stands still posts none, and once
 * more at its end. Applications that want the anomalous frames themselves connect to
 * #GstPatchCoreDetect::anomaly.
 * With #GstPatchCoreDetect:mode `newest`, the default for live streams, frames never wait: the
 * newest one is scored beside them, and each carries the newest result as a held one. A message
 * about a result is posted with the first frame that carries it. With `every` frames wait until
 * they are scored, which live pipelines are told of as latency.
 *
 * Late frames are scored like any other: #GstBaseTransform:qos is off unless it is set, and then
 * late frames are dropped as every filter does it. Buffers flagged as gaps are not looked at; they
 * carry the held result, or none, and nothing is drawn over them.
 *
 * Since: 0.1
 */
#include "gst/gstpatchcoredetect.h"

#include <gst/video/video.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/detection_worker.h"
#include "core/detector.h"
#include "core/detector_sharing.h"
#include "gst/gstpatchcoredetectproperties.h"
#include "gst/gstpatchcoredetectreports.h"
#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreframe.h"
#include "gst/gstpatchcoreoverlaydrawing.h"
#include "gst/gstpatchcoreoverlaynegotiation.h"
#include "gst/gstpatchcoreproperties.h"
#include "gst/gstpatchcoreresult.h"
#include "gst/gstpatchcorescoringlatency.h"
#include "gst/patchcore/patchcore.h"

#define GST_CAT_DEFAULT gst_patch_core_detect_debug
GST_DEBUG_CATEGORY_STATIC(GST_CAT_DEFAULT);

namespace {

#define PAD_CAPS GST_PATCH_CORE_OVERLAY_CAPS(GST_PATCH_CORE_VIDEO_FORMATS)

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(PAD_CAPS));

/// Counted from start to stop.
struct Stats {
  guint64 scored = 0;
  guint64 anomalous = 0;
  guint64 held = 0;
  guint64 uninspected = 0;
  guint64 skipped = 0;
  GstClockTime scoring_time = 0;
};

/// The latest result.
struct Held {
  patchcore::Detection detection;
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  std::string bank;
};

struct Private {
  explicit Private(GstBaseTransform* element)
      : negotiation(element), reports(GST_ELEMENT(element)) {}

  // Guarded by the object lock.
  GstPatchCoreDetectSettings settings;
  std::optional<patchcore::BankSummary> bank;
  std::string device;  ///< in use; empty while no bank is loaded
  Stats stats;
  GstPatchCoreMode mode = GST_PATCH_CORE_MODE_AUTO;  ///< auto: not known before the first frame
  GstPatchCoreScoringLatency latency;                ///< of mode every

  GstPatchCoreOverlayNegotiation negotiation;

  // From start() to stop(): of the streaming thread.
  std::shared_ptr<const patchcore::Detector> detector;
  patchcore::Workspace workspace;
  bool live = false;                                   ///< upstream; known with the mode
  std::unique_ptr<patchcore::DetectionWorker> worker;  ///< in mode newest
  patchcore::WaitingFrame waiting;                     ///< memory for the worker's next frame
  guint64 pending = 0;                                 ///< frames that the worker owes a result
  std::optional<guint> frames_since;                   ///< the latest that was to be scored
  GstVideoInfo info;
  std::optional<Held> held;
  GstPatchCoreOverlayDrawing drawing;
  std::optional<GstVideoInfo> refused;  ///< caps that the user was told about
  GstPatchCoreDetectReports reports;
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

GstStructure* bank_structure(const patchcore::BankSummary& bank) {
  GstStructure* structure = gst_structure_new(
      "patchcore-bank", "backbone", G_TYPE_STRING, bank.backbone.c_str(), "patches", G_TYPE_INT64,
      static_cast<gint64>(bank.patches), "dimension", G_TYPE_INT64,
      static_cast<gint64>(bank.dimension), "frames", G_TYPE_INT64, static_cast<gint64>(bank.frames),
      "threshold", G_TYPE_DOUBLE, bank.threshold, "threshold-is-guess", G_TYPE_BOOLEAN,
      static_cast<gboolean>(bank.threshold_is_guess), "created", G_TYPE_STRING,
      bank.created.c_str(), "checksum", G_TYPE_STRING, bank.checksum.c_str(), nullptr);
  gst_patch_core_index_add_fields(structure, bank.index, bank.recall);
  return structure;
}

GstStructure* stats_structure(const Stats& stats, const std::string& device) {
  return gst_structure_new("patchcore-stats", "scored", G_TYPE_UINT64, stats.scored, "anomalous",
                           G_TYPE_UINT64, stats.anomalous, "held", G_TYPE_UINT64, stats.held,
                           "uninspected", G_TYPE_UINT64, stats.uninspected, "skipped",
                           G_TYPE_UINT64, stats.skipped, "scoring-time", G_TYPE_UINT64,
                           stats.scoring_time, "device", G_TYPE_STRING,
                           device.empty() ? nullptr : device.c_str(), nullptr);
}

patchcore::DetectionOptions detection_options(const GstPatchCoreDetectFrameSettings& settings) {
  patchcore::DetectionOptions options;
  if (settings.threshold >= 0) options.threshold = settings.threshold;
  options.min_region_area = settings.min_region_area;
  return options;
}

/// From now on the result is the held one.
void hold(GstPatchCoreDetect* self, patchcore::Detection detection, GstClockTime pts,
          GstClockTime duration) {
  Private& priv = *self->priv;
  GST_LOG_OBJECT(self, "score %g, threshold %g, %" GST_TIME_FORMAT, detection.score,
                 detection.threshold, GST_TIME_ARGS(duration));
  GST_OBJECT_LOCK(self);
  priv.stats.scored += 1;
  priv.stats.anomalous += detection.anomalous ? 1 : 0;
  priv.stats.scoring_time += duration;
  GST_OBJECT_UNLOCK(self);
  priv.held = Held{std::move(detection), pts, priv.detector->bank().checksum};
}

/// Scores the frame.
void score(GstPatchCoreDetect* self, GstVideoFrame* frame,
           const GstPatchCoreDetectFrameSettings& settings) {
  Private& priv = *self->priv;
  const GstClockTime before = gst_util_get_timestamp();
  patchcore::Detection detection = priv.detector->detect(
      gst_patch_core_image_view(frame), detection_options(settings), priv.workspace);
  const GstClockTime duration = gst_util_get_timestamp() - before;
  hold(self, std::move(detection), GST_BUFFER_PTS(frame->buffer), duration);

  GST_OBJECT_LOCK(self);
  const bool later = priv.latency.add(duration);
  GST_OBJECT_UNLOCK(self);
  if (later && priv.live) {
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
  }
}

/// Hands the frame to the worker.
void submit(GstPatchCoreDetect* self, GstVideoFrame* frame,
            const GstPatchCoreDetectFrameSettings& settings) {
  Private& priv = *self->priv;
  priv.detector->prepare(gst_patch_core_image_view(frame), priv.waiting.prepared, priv.workspace);
  priv.waiting.options = detection_options(settings);
  priv.waiting.time = GST_BUFFER_PTS(frame->buffer);
  if (priv.worker->submit(priv.waiting)) {
    GST_OBJECT_LOCK(self);
    priv.stats.skipped += 1;
    GST_OBJECT_UNLOCK(self);
  } else {
    priv.pending += 1;
  }
}

/// Drops all that the worker still has to do, without waiting for it.
void forget_pending(GstPatchCoreDetect* self) {
  Private& priv = *self->priv;
  if (priv.worker) priv.worker->forget();
  GST_OBJECT_LOCK(self);
  priv.stats.skipped += std::exchange(priv.pending, 0);
  GST_OBJECT_UNLOCK(self);
}

bool is_upstream_live(GstBaseTransform* transform) {
  GstQuery* query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(GST_BASE_TRANSFORM_SINK_PAD(transform), query)) {
    gst_query_parse_latency(query, &live, nullptr, nullptr);
  }
  gst_query_unref(query);
  return live;
}

/// With the first frame of a stream: by then every source knows what it is.
void decide_mode(GstPatchCoreDetect* self) {
  Private& priv = *self->priv;
  GST_OBJECT_LOCK(self);
  const bool decided = priv.mode != GST_PATCH_CORE_MODE_AUTO;
  GstPatchCoreMode mode = priv.settings.load.mode;
  GST_OBJECT_UNLOCK(self);
  if (decided) return;
  priv.live = is_upstream_live(GST_BASE_TRANSFORM(self));
  if (mode == GST_PATCH_CORE_MODE_AUTO) {
    mode = priv.live ? GST_PATCH_CORE_MODE_NEWEST : GST_PATCH_CORE_MODE_EVERY;
  }
  GST_DEBUG_OBJECT(
      self, "upstream is %slive, %s", priv.live ? "" : "not ",
      mode == GST_PATCH_CORE_MODE_NEWEST ? "the newest frame is scored" : "every frame is scored");
  if (mode == GST_PATCH_CORE_MODE_EVERY) {
    priv.worker.reset();
  } else if (!priv.worker) {
    auto workspace = std::make_shared<patchcore::Workspace>();
    workspace->threads = priv.workspace.threads;
    priv.worker = std::make_unique<patchcore::DetectionWorker>(
        [detector = priv.detector, workspace](const patchcore::PreparedFrame& frame,
                                              const patchcore::DetectionOptions& options) {
          return detector->detect(frame, options, *workspace);
        });
  }
  GST_OBJECT_LOCK(self);
  priv.mode = mode;
  GST_OBJECT_UNLOCK(self);
}

/// Whether the frame is one that interval asks for. Counts frames.
bool is_due(Private& priv, guint interval) {
  if (priv.frames_since) *priv.frames_since += 1;
  return !priv.frames_since || *priv.frames_since >= interval;
}

}  // namespace

/// @param result  points into @p held from now on
static void add_held(const Held& held, GstPatchCoreFrameResult& result) {
  result.detection = &held.detection;
  result.scored_pts = held.pts;
  result.bank = held.bank.c_str();
}

/// Of two results that came since the last frame the older one: the frame carries the newer, the
/// application is to know of both.
static void report_passed_over(GstPatchCoreDetect* self, GstBuffer* buffer,
                               GstPatchCorePostMessages mode) {
  const Held& held = *self->priv->held;
  const std::unique_ptr<GstBuffer, decltype(&gst_buffer_unref)> carrier(gst_buffer_new(),
                                                                        gst_buffer_unref);
  gst_buffer_copy_into(carrier.get(), buffer, GST_BUFFER_COPY_TIMESTAMPS, 0, 0);
  GstPatchCoreFrameResult result;
  result.result = GST_PATCH_CORE_RESULT_HELD;
  add_held(held, result);
  const GstPatchCoreMeta* meta = gst_patch_core_result_attach(carrier.get(), result);
  self->priv->reports.post(carrier.get(), meta, true, &GST_BASE_TRANSFORM(self)->segment, mode);
}

/// Holds the newest result of the worker.
/// @return whether there was one
static bool take_results(GstPatchCoreDetect* self, GstBuffer* buffer,
                         GstPatchCorePostMessages mode) {
  Private& priv = *self->priv;
  if (!priv.worker) return false;
  std::vector<patchcore::WorkerResult> results = priv.worker->take();
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i > 0) report_passed_over(self, buffer, mode);
    hold(self, std::move(results[i].detection), results[i].time,
         static_cast<GstClockTime>(results[i].seconds * GST_SECOND));
    priv.pending -= 1;
  }
  return !results.empty();
}

/// What happens with a frame: scored, handed to the worker, or let pass. Reads the pixels, changes
/// none.
static GstFlowReturn inspect(GstPatchCoreDetect* self, GstBuffer* buffer,
                             const GstPatchCoreDetectFrameSettings& settings,
                             GstPatchCoreFrameResult* result) {
  Private& priv = *self->priv;
  const bool due = is_due(priv, settings.interval);
  const bool gap = gst_patch_core_is_gap(buffer);
  if (due && !gap) {
    GstPatchCoreMappedFrame frame(priv.info, buffer, GST_MAP_READ);
    if (!frame) {
      gst_patch_core_post_map_error(GST_ELEMENT(self), priv.info, buffer);
      return GST_FLOW_ERROR;
    }
    if (priv.worker) {
      submit(self, frame.get(), settings);
    } else {
      score(self, frame.get(), settings);
      result->result = GST_PATCH_CORE_RESULT_FRESH;
    }
    priv.frames_since = 0;
    if (result->result == GST_PATCH_CORE_RESULT_FRESH) return GST_FLOW_OK;
  }
  result->reason = gap    ? GST_PATCH_CORE_REASON_GAP
                   : !due ? GST_PATCH_CORE_REASON_INTERVAL
                          : GST_PATCH_CORE_REASON_NOT_YET;
  result->result = priv.held ? GST_PATCH_CORE_RESULT_HELD : GST_PATCH_CORE_RESULT_NONE;
  GST_OBJECT_LOCK(self);
  (priv.held ? priv.stats.held : priv.stats.uninspected) += 1;
  GST_OBJECT_UNLOCK(self);
  return GST_FLOW_OK;
}

static GstFlowReturn draw_held(GstPatchCoreDetect* self, GstBuffer* buffer,
                               const GstPatchCoreOverlaySettings& settings) {
  Private& priv = *self->priv;
  if (settings.overlay == GST_PATCH_CORE_OVERLAY_NONE) return GST_FLOW_OK;
  priv.drawing.draw(priv.held->detection, settings,
                    {GST_VIDEO_INFO_WIDTH(&priv.info), GST_VIDEO_INFO_HEIGHT(&priv.info)});
  return priv.drawing.lay_over(GST_ELEMENT(self), buffer, priv.info, priv.negotiation.attaches());
}

static void post_stats(GstPatchCoreDetect* self) {
  GST_OBJECT_LOCK(self);
  GstStructure* stats = stats_structure(self->priv->stats, self->priv->device);
  GST_OBJECT_UNLOCK(self);
  self->priv->reports.post_stats(stats);
}

static GstFlowReturn gst_patch_core_detect_transform_ip(GstBaseTransform* transform,
                                                        GstBuffer* buffer) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    GST_OBJECT_LOCK(self);
    const GstPatchCoreDetectFrameSettings settings = priv.settings.frame;
    GST_OBJECT_UNLOCK(self);

    decide_mode(self);
    const bool has_news = take_results(self, buffer, settings.post_messages);
    GstPatchCoreFrameResult result;
    GstFlowReturn flow = inspect(self, buffer, settings, &result);
    if (flow != GST_FLOW_OK) return flow;
    if (priv.held && !gst_patch_core_is_gap(buffer))
      flow = draw_held(self, buffer, settings.overlay);
    if (flow != GST_FLOW_OK) return flow;

    if (priv.held) add_held(*priv.held, result);
    const GstPatchCoreMeta* meta = gst_patch_core_result_attach(buffer, result);
    const bool is_new = has_news || result.result == GST_PATCH_CORE_RESULT_FRESH;
    priv.reports.report(buffer, meta, is_new, &transform->segment, settings.post_messages);
    if (priv.reports.is_stats_time(settings.stats_interval)) post_stats(self);
    return GST_FLOW_OK;
  });
}

static void gst_patch_core_detect_before_transform(GstBaseTransform* transform, GstBuffer* buffer) {
  gst_patch_core_sync_properties(transform, buffer);
}

static void forget_mode(GstPatchCoreDetect* self) {
  GST_OBJECT_LOCK(self);
  self->priv->mode = GST_PATCH_CORE_MODE_AUTO;
  GST_OBJECT_UNLOCK(self);
}

static void forget_result(GstPatchCoreDetect* self) {
  forget_pending(self);
  self->priv->held.reset();
  self->priv->frames_since.reset();
}

static void forget_stream(GstPatchCoreDetect* self) {
  forget_result(self);
  self->priv->drawing.forget();
  self->priv->refused.reset();
  self->priv->reports.forget_stream();
}

static gboolean gst_patch_core_detect_start(GstBaseTransform* transform) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  const GstPatchCoreDetectLoadSettings settings = priv.settings.load;
  priv.stats = {};
  priv.latency = {};
  GST_OBJECT_UNLOCK(self);
  priv.negotiation.start();
  priv.reports.start();
  forget_mode(self);
  forget_stream(self);

  if (settings.bank.empty()) {
    GST_ELEMENT_ERROR(
        self, RESOURCE, NOT_FOUND,
        ("No memory bank: set the property \"bank\" to a file that patchcoretrain has made "
         "of good frames"),
        (nullptr));
    return FALSE;
  }
  return gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&]() -> gboolean {
    patchcore::DetectorOptions options;
    options.weights = settings.weights;
    options.threads = settings.threads;
    options.index = settings.index;
    options.precision = settings.precision;
    if (!settings.device.empty()) options.device = settings.device;
    priv.detector = patchcore::shared_detector(settings.bank, options);
    priv.workspace.threads = settings.threads;
    patchcore::BankSummary bank = priv.detector->bank();
    const patchcore::DeviceInUse& in_use = priv.detector->device();
    std::string device = patchcore::device_name(in_use.device);
    GST_INFO_OBJECT(self, "%s: %s, %" G_GINT64_FORMAT " patches, threshold %g, on %s",
                    settings.bank.c_str(), bank.backbone.c_str(), static_cast<gint64>(bank.patches),
                    bank.threshold, device.c_str());
    gst_patch_core_warn_of_device(GST_ELEMENT(self), in_use);
    gst_patch_core_warn_of_slow_precision(GST_ELEMENT(self), settings.precision, in_use.device);
    GST_OBJECT_LOCK(self);
    priv.bank = std::move(bank);
    priv.device = std::move(device);
    GST_OBJECT_UNLOCK(self);
    return TRUE;
  });
}

static gboolean gst_patch_core_detect_stop(GstBaseTransform* transform) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(transform);
  Private& priv = *self->priv;

  forget_stream(self);
  priv.worker.reset();  // waits for the frame that is being scored
  priv.detector.reset();
  priv.waiting = {};
  priv.workspace = {};
  GST_OBJECT_LOCK(self);
  priv.bank.reset();
  priv.device.clear();
  GST_OBJECT_UNLOCK(self);
  return TRUE;
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
    priv.detector->check_frame_size({GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)});
    priv.refused.reset();
    // Positions in the held result are pixels of the old size.
    if (!gst_video_info_is_equal(&info, &priv.info)) forget_result(self);
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
    GST_OBJECT_UNLOCK(self);
    if (wanted) post_stats(self);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP ||
      GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
    forget_stream(self);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) forget_mode(self);
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_detect_parent_class)->sink_event(transform, event);
}

static gboolean gst_patch_core_detect_src_event(GstBaseTransform* transform, GstEvent* event) {
  GST_PATCH_CORE_DETECT(transform)->priv->negotiation.src_event(event);
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
  GST_OBJECT_LOCK(self);
  const bool delays = live && priv.mode == GST_PATCH_CORE_MODE_EVERY;
  const GstClockTime added = delays ? priv.latency.reported() : 0;
  GST_OBJECT_UNLOCK(self);
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
}

static void gst_patch_core_detect_get_property(GObject* object, guint id, GValue* value,
                                               GParamSpec* spec) {
  GstPatchCoreDetect* self = GST_PATCH_CORE_DETECT(object);
  const Private& priv = *self->priv;

  GST_OBJECT_LOCK(self);
  bool known = true;
  if (id == GST_PATCH_CORE_DETECT_BANK_INFO) {
    g_value_take_boxed(value, priv.bank ? bank_structure(*priv.bank) : nullptr);
  } else if (id == GST_PATCH_CORE_DETECT_STATS) {
    g_value_take_boxed(value, stats_structure(priv.stats, priv.device));
  } else {
    known = gst_patch_core_detect_load_property(priv.settings, id, value);
  }
  GST_OBJECT_UNLOCK(self);
  if (!known) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_patch_core_detect_init(GstPatchCoreDetect* self) {
  self->priv = new Private(GST_BASE_TRANSFORM(self));
  gst_video_info_init(&self->priv->info);
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
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
