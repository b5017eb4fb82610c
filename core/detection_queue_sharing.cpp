// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One queue for all streams that are scored by one engine.
#include "core/detection_queue_sharing.h"

#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

namespace patchcore {
namespace {

/// For tests: how long a frame takes at least.
std::chrono::milliseconds least_frame_time() {
  const char* value = std::getenv("PATCHCORE_TEST_FRAME_MS");
  return std::chrono::milliseconds(value == nullptr ? 0 : std::atol(value));
}

std::shared_ptr<DetectionQueue> make_queue(std::shared_ptr<const Detector> detector,
                                           const DetectionQueueOptions& options) {
  DetectionQueue::Detect detect = [detector = std::move(detector)](
                                      const std::vector<DetectionRequest>& requests,
                                      Workspace& workspace) {
    return detector->detect(requests, workspace);
  };
  const std::chrono::milliseconds least = least_frame_time();
  if (least.count() <= 0) return std::make_shared<DetectionQueue>(std::move(detect), options);
  return std::make_shared<DetectionQueue>(
      [detect, least](const std::vector<DetectionRequest>& requests, Workspace& workspace) {
        const auto until =
            std::chrono::steady_clock::now() + least * static_cast<int>(requests.size());
        std::vector<Detection> detections = detect(requests, workspace);
        std::this_thread::sleep_until(until);
        return detections;
      },
      options);
}

}  // namespace

std::shared_ptr<DetectionQueue> DetectionQueueSharing::get(
    const std::shared_ptr<const Detector>& detector, const DetectionQueueOptions& options) {
  const Key key(detector.get(), options.batch_size, options.batch_timeout.count(), options.threads);
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->second.expired() ? entries_.erase(entry) : std::next(entry);
  }
  std::weak_ptr<DetectionQueue>& known = entries_[key];
  std::shared_ptr<DetectionQueue> queue = known.lock();
  if (!queue) {
    queue = make_(detector, options);
    known = queue;
  }
  return queue;
}

std::shared_ptr<DetectionQueue> shared_detection_queue(
    const std::shared_ptr<const Detector>& detector, const DetectionQueueOptions& options) {
  static DetectionQueueSharing sharing(make_queue);
  return sharing.get(detector, options);
}

}  // namespace patchcore
