// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The frames of one stream: which are scored and when, and the result that each carries.
#include "gst/gstpatchcoreinspection.h"

#include <chrono>
#include <utility>
#include <vector>

#include "core/detection_queue_sharing.h"
#include "gst/gstpatchcoreframe.h"

GST_DEBUG_CATEGORY_EXTERN(gst_patch_core_detect_debug);
#define GST_CAT_DEFAULT gst_patch_core_detect_debug

namespace {

patchcore::DetectionOptions detection_options(const GstPatchCoreDetectFrameSettings& settings) {
  patchcore::DetectionOptions options;
  if (settings.threshold >= 0) options.threshold = settings.threshold;
  options.min_region_area = settings.min_region_area;
  return options;
}

patchcore::Size frame_size(const GstVideoInfo& info) {
  return {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)};
}

GstClockTime to_clock_time(double seconds) {
  return static_cast<GstClockTime>(seconds * GST_SECOND);
}

/// What the frames of one bank are scored with.
struct Scoring {
  std::shared_ptr<const patchcore::Detector> detector;
  std::shared_ptr<patchcore::DetectionQueue> queue;
};

patchcore::DetectionQueueOptions queue_options(const GstPatchCoreDetectLoadSettings& settings) {
  patchcore::DetectionQueueOptions options;
  options.batch_size = settings.batch_size;
  options.batch_timeout = std::chrono::milliseconds(settings.batch_timeout);
  options.threads = settings.engine_threads > 0 ? settings.engine_threads : settings.threads;
  return options;
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

}  // namespace

GstPatchCoreInspection::GstPatchCoreInspection(GstBaseTransform* element)
    : element_(element), qos_(element) {
  gst_video_info_init(&info_);
}

void GstPatchCoreInspection::start(const GstPatchCoreDetectLoadSettings& settings,
                                   patchcore::InspectionOverride area) {
  forget_result();
  forget_mode();
  preparation_.area = std::move(area);
  wanted_mode_ = settings.mode;
  threads_ = settings.threads;
  queue_options_ = queue_options(settings);
  GST_OBJECT_LOCK(element_);
  stats_ = {};
  GST_OBJECT_UNLOCK(element_);
}

std::shared_ptr<const void> GstPatchCoreInspection::use(
    std::shared_ptr<const patchcore::Detector> detector, const std::function<void()>& forgetting) {
  if (GST_VIDEO_INFO_WIDTH(&info_) > 0) {
    detector->check_frame_size(frame_size(info_), preparation_);
  }
  std::shared_ptr<patchcore::DetectionQueue> queue =
      patchcore::shared_detection_queue(detector, queue_options_);
  auto stream = std::make_shared<patchcore::DetectionStream>(queue);
  auto replaced = std::make_shared<Scoring>();

  forgetting();
  forget_result();
  set_stream(std::move(stream));
  replaced->detector = std::exchange(detector_, std::move(detector));
  replaced->queue = std::exchange(queue_, std::move(queue));
  return replaced;
}

void GstPatchCoreInspection::set_area(const patchcore::InspectionOverride& area,
                                      const std::function<void()>& forgetting) {
  patchcore::PreparationOptions preparation;
  preparation.area = area;
  if (GST_VIDEO_INFO_WIDTH(&info_) > 0) {
    detector_->check_frame_size(frame_size(info_), preparation);
  }
  forgetting();
  forget_result();
  preparation_ = std::move(preparation);
}

/// Frees the old one without the lock.
void GstPatchCoreInspection::set_stream(std::shared_ptr<patchcore::DetectionStream> stream) {
  GST_OBJECT_LOCK(element_);
  if (stream) stream->set_flushing(flushing_);
  stream_.swap(stream);
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreInspection::set_flushing(bool flushing) {
  GST_OBJECT_LOCK(element_);
  flushing_ = flushing;
  if (stream_) stream_->set_flushing(flushing);
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreInspection::stop() {
  forget_result();
  set_stream(nullptr);
  queue_.reset();
  detector_.reset();
  waiting_ = {};
  preparation_ = {};
  workspace_ = {};
  gst_video_info_init(&info_);
}

void GstPatchCoreInspection::forget_result() {
  if (stream_) stream_->forget();
  GST_OBJECT_LOCK(element_);
  stats_.skipped += std::exchange(pending_, 0);
  GST_OBJECT_UNLOCK(element_);
  held_.reset();
  frames_since_.reset();
}

void GstPatchCoreInspection::forget_mode() {
  GST_OBJECT_LOCK(element_);
  mode_ = GST_PATCH_CORE_MODE_AUTO;
  latency_ = {};
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreInspection::set_caps(const GstVideoInfo& info) {
  detector_->check_frame_size(frame_size(info), preparation_);
  // Positions in the held result are pixels of the old size.
  if (!gst_video_info_is_equal(&info, &info_)) forget_result();
  info_ = info;
}

void GstPatchCoreInspection::decide_mode() {
  GST_OBJECT_LOCK(element_);
  const bool decided = mode_ != GST_PATCH_CORE_MODE_AUTO;
  GST_OBJECT_UNLOCK(element_);
  if (decided) return;
  // By the first frame of a stream every source knows what it is.
  live_ = is_upstream_live(element_);
  GstPatchCoreMode mode = wanted_mode_;
  if (mode == GST_PATCH_CORE_MODE_AUTO) {
    mode = live_ ? GST_PATCH_CORE_MODE_NEWEST : GST_PATCH_CORE_MODE_EVERY;
  }
  GST_DEBUG_OBJECT(
      element_, "upstream is %slive, %s", live_ ? "" : "not ",
      mode == GST_PATCH_CORE_MODE_NEWEST ? "the newest frame is scored" : "every frame is scored");
  newest_ = mode == GST_PATCH_CORE_MODE_NEWEST;
  GST_OBJECT_LOCK(element_);
  mode_ = mode;
  GST_OBJECT_UNLOCK(element_);
}

/// From now on the result is the held one.
void GstPatchCoreInspection::hold(patchcore::Detection detection, GstClockTime pts,
                                  GstClockTime duration) {
  GST_LOG_OBJECT(element_, "score %g, threshold %g, %" GST_TIME_FORMAT, detection.score,
                 detection.threshold, GST_TIME_ARGS(duration));
  GST_OBJECT_LOCK(element_);
  stats_.scored += 1;
  stats_.anomalous += detection.anomalous ? 1 : 0;
  stats_.scoring_time += duration;
  GST_OBJECT_UNLOCK(element_);
  held_ = GstPatchCoreHeldResult{std::move(detection), pts, detector_->bank().checksum};
}

bool GstPatchCoreInspection::take_results(const std::function<void()>& passed_over) {
  decide_mode();
  if (!newest_) return false;
  std::vector<patchcore::ScoredFrame> results = stream_->take();
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i > 0) passed_over();
    hold(std::move(results[i].detection), results[i].time, to_clock_time(results[i].seconds));
    pending_ -= 1;
  }
  return !results.empty();
}

/// Before the frame passes.
/// @return false if the stream is flushing
bool GstPatchCoreInspection::score(GstVideoFrame* frame,
                                   const GstPatchCoreDetectFrameSettings& settings) {
  const GstClockTime before = gst_util_get_timestamp();
  std::optional<patchcore::ScoredFrame> scored = stream_->detect(
      [&](patchcore::PreparedFrame& prepared, patchcore::Workspace& workspace) {
        detector_->prepare(gst_patch_core_image_view(frame), preparation_, prepared, workspace);
      },
      detection_options(settings));
  if (!scored) return false;
  const GstClockTime duration = gst_util_get_timestamp() - before;
  hold(std::move(scored->detection), GST_BUFFER_PTS(frame->buffer), to_clock_time(scored->seconds));

  GST_OBJECT_LOCK(element_);
  const bool changed = latency_.add(duration);
  GST_OBJECT_UNLOCK(element_);
  if (changed && live_) {
    gst_element_post_message(GST_ELEMENT(element_), gst_message_new_latency(GST_OBJECT(element_)));
  }
  return true;
}

/// Beside the frames that pass.
void GstPatchCoreInspection::submit(GstVideoFrame* frame,
                                    const GstPatchCoreDetectFrameSettings& settings) {
  // Several streams have a thread each, and one that scores.
  workspace_.threads = stream_->is_alone() ? threads_ : 1;
  detector_->prepare(gst_patch_core_image_view(frame), preparation_, waiting_.prepared, workspace_);
  waiting_.options = detection_options(settings);
  waiting_.time = GST_BUFFER_PTS(frame->buffer);
  if (stream_->submit(waiting_)) {
    GST_OBJECT_LOCK(element_);
    stats_.skipped += 1;
    GST_OBJECT_UNLOCK(element_);
  } else {
    pending_ += 1;
  }
}

/// Whether the frame is one that interval asks for. Counts frames.
bool GstPatchCoreInspection::is_due(guint interval) {
  if (frames_since_) *frames_since_ += 1;
  return !frames_since_ || *frames_since_ >= interval;
}

/// Why the frame is not to be scored; none if it is. Counts it.
GstPatchCoreReason GstPatchCoreInspection::why_not(
    GstBuffer* buffer, const GstPatchCoreDetectFrameSettings& settings) {
  const bool due = is_due(settings.interval);
  if (gst_patch_core_is_gap(buffer)) return GST_PATCH_CORE_REASON_GAP;
  if (!due) return GST_PATCH_CORE_REASON_INTERVAL;
  return settings.qos && qos_.is_late(buffer) ? GST_PATCH_CORE_REASON_LATE
                                              : GST_PATCH_CORE_REASON_NONE;
}

void GstPatchCoreInspection::add_late(GstBuffer* buffer) {
  GST_OBJECT_LOCK(element_);
  stats_.late += 1;
  const GstPatchCoreInspectionStats counts = stats_;
  GST_OBJECT_UNLOCK(element_);
  qos_.post(buffer, live_, counts.scored, counts.late);
}

GstFlowReturn GstPatchCoreInspection::inspect(GstBuffer* buffer,
                                              const GstPatchCoreDetectFrameSettings& settings,
                                              GstPatchCoreFrameResult& result) {
  result.reason = why_not(buffer, settings);
  if (result.reason == GST_PATCH_CORE_REASON_LATE) add_late(buffer);
  if (result.reason == GST_PATCH_CORE_REASON_NONE) {
    GstPatchCoreMappedFrame frame(info_, buffer, GST_MAP_READ);
    if (!frame) {
      gst_patch_core_post_map_error(GST_ELEMENT(element_), info_, buffer);
      return GST_FLOW_ERROR;
    }
    if (newest_) {
      submit(frame.get(), settings);
      result.reason = GST_PATCH_CORE_REASON_NOT_YET;
    } else {
      if (!score(frame.get(), settings)) return GST_FLOW_FLUSHING;
      result.result = GST_PATCH_CORE_RESULT_FRESH;
    }
    frames_since_ = 0;
  }
  if (result.result != GST_PATCH_CORE_RESULT_FRESH) {
    result.result = held_ ? GST_PATCH_CORE_RESULT_HELD : GST_PATCH_CORE_RESULT_NONE;
    GST_OBJECT_LOCK(element_);
    (held_ ? stats_.held : stats_.uninspected) += 1;
    GST_OBJECT_UNLOCK(element_);
  }
  if (held_) add_held(result);
  return GST_FLOW_OK;
}

void GstPatchCoreInspection::add_held(GstPatchCoreFrameResult& result) const {
  result.detection = &held_->detection;
  result.scored_pts = held_->pts;
  result.bank = held_->bank.c_str();
}

GstPatchCoreInspectionStats GstPatchCoreInspection::stats() const {
  GST_OBJECT_LOCK(element_);
  const GstPatchCoreInspectionStats stats = stats_;
  GST_OBJECT_UNLOCK(element_);
  return stats;
}

GstClockTime GstPatchCoreInspection::latency() const {
  GST_OBJECT_LOCK(element_);
  const GstClockTime latency = mode_ == GST_PATCH_CORE_MODE_EVERY ? latency_.reported() : 0;
  GST_OBJECT_UNLOCK(element_);
  return latency;
}
