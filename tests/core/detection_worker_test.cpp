// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects live streams from slow inference: nobody waits for it, the newest frame wins, and what
// belongs to another stream never comes out.
#include "core/detection_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

/// Inference that goes on until it is allowed to end. The score of a frame is its input's width; a
/// width of 0 is a failure.
class FakeInference {
 public:
  Detection operator()(const PreparedFrame& frame, const DetectionOptions&) {
    std::unique_lock<std::mutex> lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return ended_ < allowed_; });
    ++ended_;
    if (frame.input.width == 0) throw Error(ErrorCode::internal, "inference failed");
    Detection detection;
    detection.score = frame.input.width;
    return detection;
  }

  /// Lets @p count more frames end.
  void allow(int count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    allowed_ += count;
    changed_.notify_all();
  }

  void wait_until_begun(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= count; });
  }

  int begun() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return begun_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;  // all guarded by the mutex
  int ended_ = 0;
  int allowed_ = 0;
};

class DetectionWorkerTest : public ::testing::Test {
 protected:
  ~DetectionWorkerTest() override { inference_.allow(1000); }

  bool submit(int number) {
    WaitingFrame frame;
    frame.prepared.input.width = number;
    frame.time = static_cast<std::uint64_t>(100 * number);
    return worker_.submit(frame);
  }

  /// Waits for as many results.
  std::vector<WorkerResult> take(std::size_t count) {
    std::vector<WorkerResult> all;
    while (all.size() < count) {
      for (WorkerResult& result : worker_.take()) all.push_back(std::move(result));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return all;
  }

  FakeInference inference_;
  DetectionWorker worker_{std::ref(inference_)};
};

}  // namespace

TEST_F(DetectionWorkerTest, GivesTheResultOfAFrameOnce) {
  EXPECT_FALSE(submit(1));
  inference_.allow(1);
  const std::vector<WorkerResult> results = take(1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].detection.score, 1);
  EXPECT_EQ(results[0].time, 100U);
  EXPECT_GE(results[0].seconds, 0);
  EXPECT_TRUE(worker_.take().empty());
}

TEST_F(DetectionWorkerTest, TheNewestFrameTakesTheWaitingPlace) {
  submit(1);
  inference_.wait_until_begun(1);
  EXPECT_FALSE(submit(2));
  EXPECT_TRUE(submit(3));
  EXPECT_TRUE(submit(4));
  EXPECT_TRUE(worker_.take().empty());
  inference_.allow(2);
  const std::vector<WorkerResult> results = take(2);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].detection.score, 1);
  EXPECT_EQ(results[1].detection.score, 4);
  EXPECT_EQ(inference_.begun(), 2);
}

TEST_F(DetectionWorkerTest, GivesMemoryBackToBeUsedAgain) {
  WaitingFrame frame;
  frame.prepared.input.values.resize(1000);
  for (int i = 0; i < 4; ++i) {
    inference_.allow(1);
    frame.prepared.input.width = 1;
    worker_.submit(frame);
    take(1);
    // The waiting place and the worker's own frame are empty at first.
    if (i < 2) frame.prepared.input.values.resize(1000);
    EXPECT_EQ(frame.prepared.input.values.size(), 1000U);
  }
}

TEST_F(DetectionWorkerTest, ForgetsWhatWaitsAndWhatIsBeingScored) {
  submit(1);
  inference_.wait_until_begun(1);
  submit(2);
  worker_.forget();  // does not wait, or this would never end
  EXPECT_FALSE(submit(3));
  inference_.allow(2);
  const std::vector<WorkerResult> results = take(1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].detection.score, 3);
  EXPECT_EQ(inference_.begun(), 2);
}

TEST_F(DetectionWorkerTest, ForgetsResults) {
  submit(1);
  inference_.allow(2);
  inference_.wait_until_begun(1);
  submit(2);
  inference_.wait_until_begun(2);  // so the first one has its result
  worker_.forget();
  EXPECT_TRUE(worker_.take().empty());
}

TEST_F(DetectionWorkerTest, AFailureIsThrownOnceAndWorkGoesOn) {
  submit(0);
  inference_.allow(1);
  EXPECT_ERROR(take(1), internal, "inference failed");
  submit(5);
  inference_.allow(1);
  EXPECT_EQ(take(1)[0].detection.score, 5);
}

TEST_F(DetectionWorkerTest, AFailureOfAStreamThatIsOverIsNone) {
  submit(0);
  inference_.wait_until_begun(1);
  worker_.forget();
  submit(6);
  inference_.allow(2);
  EXPECT_EQ(take(1)[0].detection.score, 6);
}

TEST(DetectionWorkerEnd, WaitsForTheFrameInProgressAndNotForTheOneThatWaits) {
  FakeInference inference;
  auto worker = std::make_unique<DetectionWorker>(std::ref(inference));
  WaitingFrame frame;
  worker->submit(frame);
  inference.wait_until_begun(1);
  worker->submit(frame);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    inference.allow(1);
  });
  worker.reset();
  EXPECT_EQ(inference.begun(), 1);
  later.join();
}

TEST(DetectionWorkerEnd, NeedsNoFrame) {
  for (int i = 0; i < 50; ++i)
    DetectionWorker([](const auto&, const auto&) { return Detection(); });
}

// 240 frames a second and inference of 20 ms: at most every fifth is scored, the newest ones.
TEST(DetectionWorkerRate, KeepsUpWithAnyRate) {
  std::atomic<int> scored{0};
  DetectionWorker worker([&](const PreparedFrame&, const DetectionOptions&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    scored += 1;
    return Detection();
  });
  std::uint64_t last = 0;
  int results = 0;
  int replaced = 0;
  WaitingFrame frame;
  for (int i = 1; i <= 120; ++i) {
    const std::vector<WorkerResult> taken = worker.take();
    EXPECT_LE(taken.size(), 2U);
    for (const WorkerResult& result : taken) {
      EXPECT_GT(result.time, last);
      last = result.time;
      ++results;
    }
    frame.time = static_cast<std::uint64_t>(i);
    if (worker.submit(frame)) ++replaced;
    std::this_thread::sleep_for(std::chrono::microseconds(4166));
  }
  EXPECT_GT(results, 1);
  EXPECT_LE(120 - replaced - results, 2);  // one waits, one is being scored
  EXPECT_LE(results, scored);
}

}  // namespace patchcore
