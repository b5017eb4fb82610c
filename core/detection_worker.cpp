// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores the newest of the frames that come, beside the thread that brings them.
#include "core/detection_worker.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "core/error.h"

namespace patchcore {

struct DetectionWorker::Private {
  explicit Private(Score function) : score(std::move(function)) {}

  void run();
  /// Of the frame that `scoring` holds, without the lock.
  WorkerResult score_frame();

  const Score score;
  WaitingFrame scoring;  ///< the thread's own

  std::mutex mutex;  ///< never held while a frame is scored
  std::condition_variable changed;
  // Guarded by the mutex.
  WaitingFrame waiting;
  bool has_waiting = false;
  std::uint64_t generation = 0;  ///< results of an older one are dropped
  std::vector<WorkerResult> results;
  std::exception_ptr failure;
  bool stopping = false;

  std::thread thread;
};

WorkerResult DetectionWorker::Private::score_frame() {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point before = Clock::now();
  WorkerResult result;
  result.detection = score(scoring.prepared, scoring.options);
  result.time = scoring.time;
  result.seconds = std::chrono::duration<double>(Clock::now() - before).count();
  return result;
}

void DetectionWorker::Private::run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return stopping || has_waiting; });
    if (stopping) return;
    std::swap(scoring, waiting);
    has_waiting = false;
    const std::uint64_t began_in = generation;
    lock.unlock();
    WorkerResult result;
    std::exception_ptr thrown;
    try {
      result = score_frame();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    if (generation != began_in) continue;
    if (thrown) {
      failure = thrown;
    } else {
      results.push_back(std::move(result));
    }
  }
}

DetectionWorker::DetectionWorker(Score score)
    : private_(std::make_unique<Private>(std::move(score))) {
  try {
    private_->thread = std::thread([self = private_.get()] { self->run(); });
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::no_space,
                std::string("no thread can be started to score frames: ") + error.what());
  }
}

DetectionWorker::~DetectionWorker() {
  {
    const std::lock_guard<std::mutex> lock(private_->mutex);
    private_->stopping = true;
  }
  private_->changed.notify_one();
  private_->thread.join();
}

bool DetectionWorker::submit(WaitingFrame& frame) {
  bool replaced;
  {
    const std::lock_guard<std::mutex> lock(private_->mutex);
    std::swap(private_->waiting, frame);
    replaced = std::exchange(private_->has_waiting, true);
  }
  private_->changed.notify_one();
  return replaced;
}

std::vector<WorkerResult> DetectionWorker::take() {
  std::vector<WorkerResult> results;
  std::exception_ptr failure;
  {
    const std::lock_guard<std::mutex> lock(private_->mutex);
    results.swap(private_->results);
    failure = std::exchange(private_->failure, nullptr);
  }
  if (failure) std::rethrow_exception(failure);
  return results;
}

void DetectionWorker::forget() {
  std::vector<WorkerResult> results;  // freed without the lock
  std::exception_ptr failure;
  const std::lock_guard<std::mutex> lock(private_->mutex);
  results.swap(private_->results);
  failure = std::exchange(private_->failure, nullptr);
  private_->has_waiting = false;
  private_->generation += 1;
}

}  // namespace patchcore
