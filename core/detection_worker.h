// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores the newest of the frames that come, beside the thread that brings them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/detector.h"
#include "core/types.h"

namespace patchcore {

/// What waits to be scored.
struct WaitingFrame {
  PreparedFrame prepared;
  DetectionOptions options;
  std::uint64_t time = 0;  ///< the caller's, given back with the result
};

struct WorkerResult {
  Detection detection;
  std::uint64_t time = 0;  ///< of the frame
  double seconds = 0;      ///< that scoring took
};

/// One thread and one waiting place: a frame that comes while another one waits takes its place,
/// so that memory and delay stay bounded however fast frames come. For one caller; no call but the
/// destructor ever waits for a frame that is being scored.
class DetectionWorker {
 public:
  /// Detector::detect() with the Workspace of the worker's thread, or a stand-in.
  using Score = std::function<Detection(const PreparedFrame&, const DetectionOptions&)>;

  /// @param score  called on the worker's thread, and nowhere else
  /// @throws Error no_space if there can be no more threads
  explicit DetectionWorker(Score score);

  /// Waits for the frame that is being scored, if there is one, and for none else.
  ~DetectionWorker();

  /// Has @p frame scored next. Takes what is in it and leaves memory that can be used again.
  /// @return whether another one waited and is not going to be scored
  bool submit(WaitingFrame& frame);

  /// The results since the last call, oldest first. There are at most two if it is called before
  /// every submit().
  /// @throws what scoring threw; once
  std::vector<WorkerResult> take();

  /// Drops the waiting frame and all results, that of the frame that is being scored, too.
  void forget();

 private:
  struct Private;
  std::unique_ptr<Private> private_;
};

}  // namespace patchcore
