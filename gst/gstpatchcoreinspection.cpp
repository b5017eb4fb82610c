// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The frames of one stream: which are scored and when, and the result that each carries.
#include "gst/gstpatchcoreinspection.h"

#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "core/detection_queue_sharing.h"
#include "core/error.h"
#include "core/inspection_region.h"
#include "core/part_detections.h"
#include "gst/gstpatchcoreframe.h"
#include "gst/gstpatchcoreparts.h"

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

/// As it is before it is scored.
GstPatchCorePart new_part(gint roi_id, const patchcore::Rect& rect) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  return {roi_id,
          GST_PATCH_CORE_REASON_NONE,
          GST_PATCH_CORE_VERDICT_UNKNOWN,
          unknown,
          unknown,
          rect.x,
          rect.y,
          rect.width,
          rect.height};
}

void fill_part(GstPatchCorePart& part, const patchcore::Detection& detection) {
  part.verdict =
      detection.anomalous ? GST_PATCH_CORE_VERDICT_ANOMALOUS : GST_PATCH_CORE_VERDICT_NORMAL;
  part.score = detection.score;
  part.relative_score = patchcore::relative_score(detection.score, detection.threshold);
  part.x = detection.inspected.x;
  part.y = detection.inspected.y;
  part.width = detection.inspected.width;
  part.height = detection.inspected.height;
}

/// Whether a part is large enough, inside of the frame, and not all of it masked.
bool can_be_inspected(const patchcore::Detector& detector, patchcore::Size frame,
                      const patchcore::PreparationOptions& preparation) {
  try {
    detector.check_frame_size(frame, preparation);
    return true;
  } catch (const patchcore::Error& error) {
    if (error.code() != patchcore::ErrorCode::unsupported_frame) throw;
    GST_DEBUG("a part is not inspected: %s", error.what());
    return false;
  }
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
  region_from_meta_ = settings.region_from_meta;
  wanted_mode_ = settings.mode;
  if (!region_from_meta_.empty()) {
    if (wanted_mode_ == GST_PATCH_CORE_MODE_NEWEST) {
      throw patchcore::Error(patchcore::ErrorCode::invalid_argument,
                             "The property \"region-from-meta\" does not go with mode=newest: the "
                             "parts belong to one frame; set mode=every, with qos=true where "
                             "frames may be left out");
    }
    wanted_mode_ = GST_PATCH_CORE_MODE_EVERY;
  }
  threads_ = settings.threads;
  queue_options_ = queue_options(settings);
  GST_OBJECT_LOCK(element_);
  stats_ = {};
  GST_OBJECT_UNLOCK(element_);
}

std::shared_ptr<const void> GstPatchCoreInspection::use(
    std::shared_ptr<const patchcore::Detector> detector, const std::function<void()>& forgetting) {
  if (GST_VIDEO_INFO_WIDTH(&info_) > 0) {
    check_frames(*detector, info_, preparation_);
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
    check_frames(*detector_, info_, preparation);
  }
  forgetting();
  forget_result();
  preparation_ = std::move(preparation);
}

/// Of parts it is not known before they come.
void GstPatchCoreInspection::check_frames(const patchcore::Detector& detector,
                                          const GstVideoInfo& info,
                                          const patchcore::PreparationOptions& preparation) const {
  if (region_from_meta_.empty()) detector.check_frame_size(frame_size(info), preparation);
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
  check_frames(*detector_, info, preparation_);
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
  held_ = GstPatchCoreHeldResult{std::move(detection), {}, pts, detector_->bank().checksum};
}

bool GstPatchCoreInspection::take_results(const std::function<void()>& passed_over) {
  decide_mode();
  return take_last_results(passed_over);
}

bool GstPatchCoreInspection::take_last_results(const std::function<void()>& passed_over) {
  if (!newest_) return false;
  std::vector<patchcore::ScoredFrame> results = stream_->take();
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i > 0) passed_over();
    hold(std::move(results[i].detection), results[i].time, to_clock_time(results[i].seconds));
    pending_ -= 1;
  }
  return !results.empty();
}

void GstPatchCoreInspection::add_latency(GstClockTime duration) {
  GST_OBJECT_LOCK(element_);
  const bool changed = latency_.add(duration);
  GST_OBJECT_UNLOCK(element_);
  if (changed && live_) {
    gst_element_post_message(GST_ELEMENT(element_), gst_message_new_latency(GST_OBJECT(element_)));
  }
}

/// @return nothing if the stream is flushing
std::optional<patchcore::ScoredFrame> GstPatchCoreInspection::detect(
    GstVideoFrame* frame, const patchcore::PreparationOptions& preparation,
    const GstPatchCoreDetectFrameSettings& settings) {
  return stream_->detect(
      [&](patchcore::PreparedFrame& prepared, patchcore::Workspace& workspace) {
        detector_->prepare(gst_patch_core_image_view(frame), preparation, prepared, workspace);
      },
      detection_options(settings));
}

/// Before the frame passes.
/// @return false if the stream is flushing
bool GstPatchCoreInspection::score(GstVideoFrame* frame,
                                   const GstPatchCoreDetectFrameSettings& settings) {
  const GstClockTime before = gst_util_get_timestamp();
  std::optional<patchcore::ScoredFrame> scored = detect(frame, preparation_, settings);
  if (!scored) return false;
  const GstClockTime duration = gst_util_get_timestamp() - before;
  hold(std::move(scored->detection), GST_BUFFER_PTS(frame->buffer), to_clock_time(scored->seconds));
  add_latency(duration);
  return true;
}

/// The same of a frame's parts, one after the other. Without any that can be scored no result is
/// held any more: that of a part which has left would be none of this frame.
/// @param reason  why no part was scored; none if one was
bool GstPatchCoreInspection::score_parts(GstVideoFrame* frame,
                                         const GstPatchCoreDetectFrameSettings& settings,
                                         GstPatchCoreReason& reason) {
  const GstClockTime before = gst_util_get_timestamp();
  const patchcore::Size size = frame_size(info_);
  patchcore::PreparationOptions preparation = preparation_;
  std::vector<patchcore::Detection> detections;
  std::vector<GstPatchCorePart> parts;
  double seconds = 0;
  for (const GstPatchCoreMarkedPart& marked :
       gst_patch_core_marked_parts(frame->buffer, region_from_meta_)) {
    preparation.cut_out = marked.rect;
    GstPatchCorePart part = new_part(marked.roi->id, patchcore::clip_to_frame(marked.rect, size));
    if (!can_be_inspected(*detector_, size, preparation)) {
      part.reason = GST_PATCH_CORE_REASON_UNFIT;
      parts.push_back(part);
      continue;
    }
    std::optional<patchcore::ScoredFrame> scored = detect(frame, preparation, settings);
    if (!scored) return false;
    fill_part(part, scored->detection);
    gst_video_region_of_interest_meta_add_param(marked.roi, gst_patch_core_part_structure(part));
    parts.push_back(part);
    seconds += scored->seconds;
    detections.push_back(std::move(scored->detection));
  }
  if (detections.empty()) {
    held_.reset();
    reason = parts.empty() ? GST_PATCH_CORE_REASON_NO_PART : GST_PATCH_CORE_REASON_UNFIT;
    unfit_ = std::move(parts);
    return true;
  }
  hold(patchcore::combine_parts(detections), GST_BUFFER_PTS(frame->buffer), to_clock_time(seconds));
  held_->parts = std::move(parts);
  add_latency(gst_util_get_timestamp() - before);
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
      const bool scored = region_from_meta_.empty()
                              ? score(frame.get(), settings)
                              : score_parts(frame.get(), settings, result.reason);
      if (!scored) return GST_FLOW_FLUSHING;
      if (result.reason == GST_PATCH_CORE_REASON_NONE) result.result = GST_PATCH_CORE_RESULT_FRESH;
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
  if (result.reason == GST_PATCH_CORE_REASON_UNFIT) result.parts = &unfit_;
  return GST_FLOW_OK;
}

void GstPatchCoreInspection::add_held(GstPatchCoreFrameResult& result) const {
  result.detection = &held_->detection;
  result.scored_pts = held_->pts;
  result.bank = held_->bank.c_str();
  if (!held_->parts.empty()) result.parts = &held_->parts;
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
