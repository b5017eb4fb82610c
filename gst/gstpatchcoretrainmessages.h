// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What patchcoretrain tells on the bus: progress, and what came of the training.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/trainer.h"

/// The progress messages of one training run. Each stage begins with START and ends with COMPLETE,
/// ERROR or CANCELED before the next begins. One thread at a time; never with a lock held.
class GstPatchCoreTrainProgress {
 public:
  explicit GstPatchCoreTrainProgress(GstElement* element) : element_(element) {}

  /// Tells, now and then, how many frames were collected. Silent unless the element is PLAYING:
  /// gst-launch-1.0 takes a task under way before that for a reason not to start playing, and
  /// collecting would never end.
  /// @param limit  the number of frames that ends the stage; 0: unknown
  void collected(const patchcore::CollectedSoFar& so_far, std::int64_t limit);

  /// @param percent  of the whole build
  void building(patchcore::TrainingStage stage, int percent, const std::string& text);

  // The end of the stage under way, if there is one.
  void complete();
  void fail(const std::string& reason);
  void cancel();

 private:
  void update(patchcore::TrainingStage stage, const std::string& text, std::optional<int> percent);
  void end(GstProgressType type, const std::string& text);
  void post(GstProgressType type, const std::string& text);

  GstElement* element_;
  std::optional<patchcore::TrainingStage> stage_;  // under way
  std::optional<int> percent_;                     // the latest of it
  std::optional<double> coverage_;                 // while collecting
  std::int64_t last_frames_ = 0;
  std::chrono::steady_clock::time_point last_collected_;
};

/// Posts the message `patchcore-trained`, and warnings if the threshold is a guess or the
/// index makes scores wrong by more than a tenth.
void gst_patch_core_post_trained(GstElement* element, const patchcore::TrainingReport& report);
