// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The frames of one stream: which are scored and when, and the result that each carries.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/detection_queue.h"
#include "core/detector.h"
#include "core/workspace.h"
#include "gst/gstpatchcoredetectproperties.h"
#include "gst/gstpatchcoreqos.h"
#include "gst/gstpatchcoreresult.h"
#include "gst/gstpatchcorescoringlatency.h"

/// The latest result.
struct GstPatchCoreHeldResult {
  patchcore::Detection detection;
  std::vector<GstPatchCorePart> parts;     ///< that it was put together of, if it was
  GstClockTime pts = GST_CLOCK_TIME_NONE;  ///< of the frame that was scored
  std::string bank;                        ///< checksum of the bank that it was scored with
};

/// Counted from start to stop.
struct GstPatchCoreInspectionStats {
  guint64 scored = 0;
  guint64 anomalous = 0;
  guint64 held = 0;         ///< frames that carried an older result
  guint64 uninspected = 0;  ///< frames that carried none
  guint64 late = 0;         ///< of these two, not scored as they came too late
  guint64 skipped = 0;      ///< waited to be scored beside the stream; replaced or forgotten
  GstClockTime scoring_time = 0;
};

/// Has each frame scored before it passes, or the newest one beside them, as the mode says. Of the
/// streaming thread, or of nobody else while that does not run, unless said otherwise. Takes the
/// element's object lock: never call with it held.
class GstPatchCoreInspection {
 public:
  /// @param element  owns this
  explicit GstPatchCoreInspection(GstBaseTransform* element);

  /// Begins with nothing known and all counts at zero.
  /// @param settings  of mode, threads, batches and the parts that frames are cut into. A mode that
  ///                  is auto is decided with the first frame of a stream: newest if upstream is
  ///                  live and frames are not cut up
  /// @param area      see set_area()
  /// @throws Error invalid_argument if the mode is newest and frames are to be cut up
  void start(const GstPatchCoreDetectLoadSettings& settings, patchcore::InspectionOverride area);

  /// Scores with this from the next frame on, after start() or between two frames. A result of
  /// another bank is forgotten, and so is what is being scored beside the stream: no frame carries
  /// what has nothing to do with the bank in use. Waits for nothing.
  /// @param forgetting  called before the held result is forgotten, when nothing can fail any more
  /// @return what this replaces; to be freed on another thread, as that may wait for a frame that
  ///         is being scored
  /// @throws Error unsupported_frame if frames as those at hand cannot be inspected with it,
  ///         no_space; then nothing has changed
  std::shared_ptr<const void> use(
      std::shared_ptr<const patchcore::Detector> detector,
      const std::function<void()>& forgetting = [] {});

  /// Region and mask instead of the bank's, from the next frame on. A result that was made with
  /// others is forgotten, and so is what is being scored beside the stream.
  /// @param forgetting  as use()
  /// @throws Error unsupported_frame if frames as those at hand cannot be inspected with it; then
  ///         nothing has changed
  void set_area(const patchcore::InspectionOverride& area, const std::function<void()>& forgetting);

  /// What is in use.
  const patchcore::InspectionOverride& area() const { return preparation_.area; }

  /// Frees the detector. The last of those that share one waits for the frame in progress.
  void stop();

  /// While set, inspect() does not wait for its turn at the detector. Any thread.
  void set_flushing(bool flushing);

  /// Forgets the held result and what is being scored beside the stream, without waiting for it.
  void forget_result();

  /// Has the mode decided anew and the latency measured anew: another stream comes.
  void forget_mode();

  /// What downstream says about frames that come late; heeded where the settings want it.
  GstPatchCoreQos& qos() { return qos_; }

  /// Frames have this format from now on. A result of frames of another one is forgotten.
  /// @throws Error unsupported_frame if such frames cannot be inspected
  void set_caps(const GstVideoInfo& info);

  /// Before every frame: decides the mode if that is due, and holds the newest result.
  /// @param passed_over  called while a result is held that no frame is going to carry, as a newer
  ///                     one is there, too
  /// @return whether a result has come
  /// @throws Error of a frame that could not be scored beside the stream
  bool take_results(const std::function<void()>& passed_over);

  /// The same when no frame comes any more.
  bool take_last_results(const std::function<void()>& passed_over);

  /// What happens with a frame: scored, left to be scored beside the stream, or let pass. Reads the
  /// pixels, changes none. Of frames that are cut up, the regions of interest that marked the parts
  /// get the parts' results as parameters.
  /// @param result  what the frame carries; borrows from this
  /// @return GST_FLOW_ERROR, posted, if the buffer holds no such frame; GST_FLOW_FLUSHING
  /// @throws Error
  GstFlowReturn inspect(GstBuffer* buffer, const GstPatchCoreDetectFrameSettings& settings,
                        GstPatchCoreFrameResult& result);

  /// Null if there is none.
  const GstPatchCoreHeldResult* held() const { return held_ ? &*held_ : nullptr; }

  /// What a frame carries that is not scored itself.
  void add_held(GstPatchCoreFrameResult& result) const;

  /// Any thread.
  GstPatchCoreInspectionStats stats() const;

  /// How much later frames leave a live stream than they come. Any thread.
  GstClockTime latency() const;

 private:
  void decide_mode();
  void set_stream(std::shared_ptr<patchcore::DetectionStream> stream);
  void check_frames(const patchcore::Detector& detector, const GstVideoInfo& info,
                    const patchcore::PreparationOptions& preparation) const;
  void hold(patchcore::Detection detection, GstClockTime pts, GstClockTime duration);
  void add_latency(GstClockTime duration);
  std::optional<patchcore::ScoredFrame> detect(GstVideoFrame* frame,
                                               const patchcore::PreparationOptions& preparation,
                                               const GstPatchCoreDetectFrameSettings& settings);
  bool score(GstVideoFrame* frame, const GstPatchCoreDetectFrameSettings& settings);
  bool score_parts(GstVideoFrame* frame, const GstPatchCoreDetectFrameSettings& settings,
                   GstPatchCoreReason& reason);
  void submit(GstVideoFrame* frame, const GstPatchCoreDetectFrameSettings& settings);
  bool is_due(guint interval);
  GstPatchCoreReason why_not(GstBuffer* buffer, const GstPatchCoreDetectFrameSettings& settings);
  void add_late(GstBuffer* buffer);

  GstBaseTransform* element_;
  GstPatchCoreQos qos_;

  std::shared_ptr<const patchcore::Detector> detector_;
  std::shared_ptr<patchcore::DetectionQueue> queue_;  ///< of that detector
  patchcore::Workspace workspace_;
  GstPatchCoreMode wanted_mode_ = GST_PATCH_CORE_MODE_AUTO;
  int threads_ = 0;  ///< that read and resize frames in mode newest
  patchcore::DetectionQueueOptions queue_options_;
  bool live_ = false;    ///< upstream; known with the mode
  bool newest_ = false;  ///< mode_, for this thread
  patchcore::PreparationOptions preparation_;
  std::string region_from_meta_;         ///< empty: frames are not cut up
  std::vector<GstPatchCorePart> unfit_;  ///< parts of a frame of which none was scored
  patchcore::WaitingFrame waiting_;      ///< memory for the next frame beside the stream
  guint64 pending_ = 0;                  ///< frames beside the stream that have no result yet
  std::optional<guint> frames_since_;    ///< the latest that was to be scored
  GstVideoInfo info_;
  std::optional<GstPatchCoreHeldResult> held_;

  // Guarded by the object lock.
  bool flushing_ = false;
  std::shared_ptr<patchcore::DetectionStream> stream_;  ///< set by this thread alone
  GstPatchCoreInspectionStats stats_;
  GstPatchCoreMode mode_ = GST_PATCH_CORE_MODE_AUTO;  ///< auto: not known before the first frame
  GstPatchCoreScoringLatency latency_;                ///< of mode every
};
