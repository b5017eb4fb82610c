// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One queue for all streams that are scored by one engine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "core/detection_queue.h"
#include "core/detector.h"

namespace patchcore {

/// Makes what is shared; must keep the detector alive.
using DetectionQueueMaker = std::function<std::shared_ptr<DetectionQueue>(
    std::shared_ptr<const Detector> detector, const DetectionQueueOptions& options)>;

/// Queues in use, by their detector and options. Each lives as long as somebody holds it; this only
/// knows of it. Any thread.
class DetectionQueueSharing {
 public:
  explicit DetectionQueueSharing(DetectionQueueMaker make) : make_(std::move(make)) {}

  /// The queue that others use, or else a new one. Those who want other options get another one,
  /// with a thread and scratch memory of its own, for the same detector.
  /// @throws Error
  std::shared_ptr<DetectionQueue> get(const std::shared_ptr<const Detector>& detector,
                                      const DetectionQueueOptions& options);

 private:
  /// Detector, batch size, batch timeout in nanoseconds, threads.
  using Key = std::tuple<const Detector*, int, std::chrono::nanoseconds::rep, int>;

  const DetectionQueueMaker make_;
  std::mutex mutex_;
  std::map<Key, std::weak_ptr<DetectionQueue>> entries_;  ///< guarded by the mutex
};

/// DetectionQueueSharing::get() of the one that the process has.
///
/// For tests only: where the environment variable PATCHCORE_TEST_FRAME_MS is a number, every frame
/// takes at least as many milliseconds. It is read when a queue is made.
/// @throws Error
std::shared_ptr<DetectionQueue> shared_detection_queue(
    const std::shared_ptr<const Detector>& detector, const DetectionQueueOptions& options);

}  // namespace patchcore
