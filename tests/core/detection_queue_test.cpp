// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects streams that share an engine: nobody waits longer than he must, the newest frame wins,
// every stream gets its turn, none gets what belongs to another or to its own past, and whoever
// comes, fails and goes does it alone.
#include "core/detection_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/no_more_threads.h"

namespace patchcore {
namespace {

using std::chrono::milliseconds;

/// Inference that goes on until it is allowed to end. The score of a frame is its input's width; a
/// width of 0 is a failure.
class FakeInference {
 public:
  std::vector<Detection> operator()(const std::vector<DetectionRequest>& requests, Workspace&) {
    std::unique_lock<std::mutex> lock(mutex_);
    batches_.push_back(requests.size());
    changed_.notify_all();
    changed_.wait(lock, [&] { return ended_ < allowed_; });
    ++ended_;
    std::vector<Detection> detections;
    for (const DetectionRequest& request : requests) {
      if (request.frame->input.width == 0) throw Error(ErrorCode::internal, "inference failed");
      EXPECT_EQ(request.frame->input.width, requests[0].frame->input.width);
      detections.emplace_back().score = request.frame->input.width;
    }
    return detections;
  }

  /// Lets @p count more passes end.
  void allow(int count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    allowed_ += count;
    changed_.notify_all();
  }

  void wait_until_begun(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return batches_.size() >= count; });
  }

  std::size_t begun() { return batches().size(); }

  /// How many frames each pass had.
  std::vector<std::size_t> batches() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return batches_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> batches_;  // all guarded by the mutex
  int ended_ = 0;
  int allowed_ = 0;
};

class DetectionQueueTest : public ::testing::Test {
 protected:
  std::shared_ptr<DetectionQueue> make_queue(int batch_size = 1, milliseconds timeout = {}) {
    DetectionQueueOptions options;
    options.batch_size = batch_size;
    options.batch_timeout = timeout;
    return std::make_shared<DetectionQueue>(std::ref(inference_), options);
  }

  FakeInference inference_;
};

bool submit(DetectionStream& stream, int number) {
  WaitingFrame frame;
  frame.prepared.input.width = number;
  frame.time = static_cast<std::uint64_t>(100 * number);
  return stream.submit(frame);
}

/// Waits for as many results.
std::vector<ScoredFrame> take(DetectionStream& stream, std::size_t count) {
  std::vector<ScoredFrame> all;
  while (all.size() < count) {
    for (ScoredFrame& result : stream.take()) all.push_back(std::move(result));
    std::this_thread::sleep_for(milliseconds(1));
  }
  return all;
}

double take_score(DetectionStream& stream) {
  return take(stream, 1)[0].detection.score;
}

DetectionQueue::Prepare prepare_as(int number) {
  return [number](PreparedFrame& prepared, Workspace&) { prepared.input.width = number; };
}

std::future<std::optional<ScoredFrame>> detect_later(DetectionStream& stream, int number) {
  return std::async(std::launch::async,
                    [&stream, number] { return stream.detect(prepare_as(number), {}); });
}

template <class Future>
bool waits(const Future& future) {
  return future.wait_for(milliseconds(30)) == std::future_status::timeout;
}

/// One stream.
class DetectionStreamTest : public DetectionQueueTest {
 protected:
  DetectionStream stream_{make_queue()};
};

}  // namespace

TEST_F(DetectionStreamTest, GivesTheResultOfAFrameOnce) {
  EXPECT_FALSE(submit(stream_, 1));
  inference_.allow(1);
  const std::vector<ScoredFrame> results = take(stream_, 1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].detection.score, 1);
  EXPECT_EQ(results[0].time, 100U);
  EXPECT_GE(results[0].seconds, 0);
  EXPECT_TRUE(stream_.take().empty());
}

TEST_F(DetectionStreamTest, TheNewestFrameTakesTheWaitingPlace) {
  submit(stream_, 1);
  inference_.wait_until_begun(1);
  EXPECT_FALSE(submit(stream_, 2));
  EXPECT_TRUE(submit(stream_, 3));
  EXPECT_TRUE(submit(stream_, 4));
  EXPECT_TRUE(stream_.take().empty());
  inference_.allow(2);
  const std::vector<ScoredFrame> results = take(stream_, 2);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].detection.score, 1);
  EXPECT_EQ(results[1].detection.score, 4);
  EXPECT_EQ(inference_.begun(), 2U);
}

TEST_F(DetectionStreamTest, GivesMemoryBackToBeUsedAgain) {
  WaitingFrame frame;
  frame.prepared.input.values.resize(1000);
  for (int i = 0; i < 4; ++i) {
    inference_.allow(1);
    frame.prepared.input.width = 1;
    stream_.submit(frame);
    take(stream_, 1);
    // The waiting place and the queue's own frame are empty at first.
    if (i < 2) frame.prepared.input.values.resize(1000);
    EXPECT_EQ(frame.prepared.input.values.size(), 1000U);
  }
}

TEST_F(DetectionStreamTest, ForgetsWhatWaitsAndWhatIsBeingScored) {
  submit(stream_, 1);
  inference_.wait_until_begun(1);
  submit(stream_, 2);
  stream_.forget();  // does not wait, or this would never end
  EXPECT_FALSE(submit(stream_, 3));
  inference_.allow(2);
  const std::vector<ScoredFrame> results = take(stream_, 1);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].detection.score, 3);
  EXPECT_EQ(inference_.begun(), 2U);
}

TEST_F(DetectionStreamTest, ForgetsResults) {
  submit(stream_, 1);
  inference_.allow(2);
  inference_.wait_until_begun(1);
  submit(stream_, 2);
  inference_.wait_until_begun(2);  // so the first one has its result
  stream_.forget();
  EXPECT_TRUE(stream_.take().empty());
}

TEST_F(DetectionStreamTest, AFailureIsThrownOnceAndWorkGoesOn) {
  submit(stream_, 0);
  inference_.allow(1);
  EXPECT_ERROR(take(stream_, 1), internal, "inference failed");
  submit(stream_, 5);
  inference_.allow(1);
  EXPECT_EQ(take_score(stream_), 5);
}

TEST_F(DetectionStreamTest, AFailureOfWhatIsForgottenIsNone) {
  submit(stream_, 0);
  inference_.wait_until_begun(1);
  stream_.forget();
  submit(stream_, 6);
  inference_.allow(2);
  EXPECT_EQ(take_score(stream_), 6);
}

TEST_F(DetectionStreamTest, WaitsForItsFrameInDetect) {
  std::future<std::optional<ScoredFrame>> scored = detect_later(stream_, 7);
  EXPECT_TRUE(waits(scored));
  inference_.allow(1);
  EXPECT_EQ(scored.get()->detection.score, 7);
  EXPECT_TRUE(stream_.take().empty());
}

TEST_F(DetectionStreamTest, PreparesOnTheThreadThatScores) {
  inference_.allow(2);
  std::thread::id preparing[2];
  for (std::thread::id& id : preparing) {
    stream_.detect(
        [&](PreparedFrame& prepared, Workspace&) {
          id = std::this_thread::get_id();
          prepared.input.width = 1;
        },
        {});
  }
  EXPECT_EQ(preparing[0], preparing[1]);
  EXPECT_NE(preparing[0], std::this_thread::get_id());
}

TEST_F(DetectionStreamTest, DetectThrowsWhatPreparingOrScoringThrew) {
  inference_.allow(2);
  const auto fail = [](PreparedFrame&, Workspace&) {
    throw Error(ErrorCode::unsupported_frame, "too small");
  };
  EXPECT_ERROR(stream_.detect(fail, {}), unsupported_frame, "too small");
  EXPECT_ERROR(stream_.detect(prepare_as(0), {}), internal, "inference failed");
  EXPECT_EQ(stream_.detect(prepare_as(3), {})->detection.score, 3);
}

TEST_F(DetectionStreamTest, AFlushDoesNotWaitForItsTurn) {
  const std::shared_ptr<DetectionQueue> queue = make_queue();
  DetectionStream first(queue), second(queue);
  submit(first, 1);
  inference_.wait_until_begun(1);
  std::future<std::optional<ScoredFrame>> scored = detect_later(second, 2);
  EXPECT_TRUE(waits(scored));
  second.set_flushing(true);
  EXPECT_FALSE(scored.get().has_value());
  EXPECT_FALSE(second.detect(prepare_as(3), {}).has_value()) << "still flushing";
  second.set_flushing(false);
  inference_.allow(2);
  EXPECT_EQ(second.detect(prepare_as(4), {})->detection.score, 4);
  EXPECT_EQ(inference_.begun(), 2U);
}

TEST_F(DetectionStreamTest, AFlushWaitsForTheFrameInProgressSinceItIsBeingRead) {
  std::future<std::optional<ScoredFrame>> scored = detect_later(stream_, 2);
  inference_.wait_until_begun(1);
  stream_.set_flushing(true);
  EXPECT_TRUE(waits(scored));
  inference_.allow(1);
  EXPECT_EQ(scored.get()->detection.score, 2);
}

TEST_F(DetectionQueueTest, IsFreedWhenTheLastStreamIsGoneAndTheFrameInProgressIsScored) {
  const std::weak_ptr<DetectionQueue> watched = [this] {
    auto queue = make_queue();
    auto stream = std::make_unique<DetectionStream>(queue);
    const std::weak_ptr<DetectionQueue> weak = queue;
    submit(*stream, 1);
    inference_.wait_until_begun(1);
    submit(*stream, 2);
    stream.reset();  // does not wait, or this would never end
    EXPECT_FALSE(weak.expired());
    inference_.allow(1);
    return weak;
  }();
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(inference_.begun(), 1U);
}

TEST_F(DetectionQueueTest, NeedsNoFrameAndNoStream) {
  for (int i = 0; i < 50; ++i) {
    const std::shared_ptr<DetectionQueue> queue = make_queue(1 + i % 3, milliseconds(i % 2));
    if (i % 4 == 0) continue;
    const DetectionStream stream(queue);
    EXPECT_TRUE(stream.is_alone());
  }
}

TEST_F(DetectionQueueTest, RefusesOptionsThatMakeNoSense) {
  EXPECT_ERROR(make_queue(0), invalid_argument, "not 0");
  EXPECT_ERROR(make_queue(1, milliseconds(-1)), invalid_argument, "negative");
  DetectionQueueOptions options;
  options.threads = -1;
  EXPECT_ERROR(options.validate(), invalid_argument, "threads");
}

TEST_F(DetectionQueueTest, SaysThatNoThreadCanBeStarted) {
  const test::NoMoreThreads limit;
  EXPECT_ERROR(make_queue(1), no_space, "to score frames");
}

TEST_F(DetectionQueueTest, KnowsItsStreams) {
  const std::shared_ptr<DetectionQueue> queue = make_queue();
  const DetectionStream first(queue);
  EXPECT_TRUE(first.is_alone());
  {
    const DetectionStream second(queue);
    EXPECT_FALSE(first.is_alone());
    EXPECT_EQ(queue->streams(), 2U);
  }
  EXPECT_TRUE(first.is_alone());
}

TEST_F(DetectionQueueTest, ServesStreamsInTheOrderInWhichTheyAsked) {
  const std::shared_ptr<DetectionQueue> queue = make_queue();
  DetectionStream a(queue), b(queue), c(queue);
  submit(a, 1);
  inference_.wait_until_begun(1);
  submit(b, 2);
  submit(c, 3);
  submit(a, 4);
  submit(b, 5);  // replaces its frame and keeps its place
  inference_.allow(2);
  EXPECT_EQ(take_score(a), 1);
  EXPECT_EQ(take_score(b), 5);
  EXPECT_TRUE(c.take().empty());
  inference_.allow(1);
  EXPECT_EQ(take_score(c), 3);
  EXPECT_TRUE(a.take().empty());
  inference_.allow(1);
  EXPECT_EQ(take_score(a), 4);
}

TEST_F(DetectionQueueTest, AStreamThatGoesLeavesTheLine) {
  const std::shared_ptr<DetectionQueue> queue = make_queue();
  DetectionStream a(queue), c(queue);
  auto b = std::make_unique<DetectionStream>(queue);
  submit(a, 1);
  inference_.wait_until_begun(1);
  submit(*b, 2);
  submit(c, 3);
  b.reset();
  inference_.allow(2);
  EXPECT_EQ(take_score(a), 1);
  EXPECT_EQ(take_score(c), 3);
  EXPECT_EQ(inference_.begun(), 2U);
}

TEST_F(DetectionQueueTest, ScoresWhatWaitsTogether) {
  const std::shared_ptr<DetectionQueue> queue = make_queue(3);
  std::vector<std::unique_ptr<DetectionStream>> streams;
  for (int i = 0; i < 5; ++i) streams.push_back(std::make_unique<DetectionStream>(queue));
  submit(*streams[0], 9);
  inference_.wait_until_begun(1);  // by itself: nothing waits where no time is set
  for (int i = 1; i < 5; ++i) submit(*streams[static_cast<std::size_t>(i)], 9);
  inference_.allow(3);
  for (const auto& stream : streams) EXPECT_EQ(take_score(*stream), 9);
  EXPECT_EQ(inference_.batches(), (std::vector<std::size_t>{1, 3, 1}));
}

TEST_F(DetectionQueueTest, ScoresSizesApart) {
  const std::shared_ptr<DetectionQueue> queue = make_queue(4);
  DetectionStream a(queue), b(queue), c(queue), d(queue);
  submit(a, 1);
  inference_.wait_until_begun(1);
  submit(a, 2);
  submit(b, 3);
  submit(c, 2);
  std::future<std::optional<ScoredFrame>> scored = detect_later(d, 3);
  EXPECT_TRUE(waits(scored));
  inference_.allow(3);
  EXPECT_EQ(take(a, 2)[1].detection.score, 2);
  EXPECT_EQ(take_score(b), 3);
  EXPECT_EQ(take_score(c), 2);
  EXPECT_EQ(scored.get()->detection.score, 3);
  EXPECT_EQ(inference_.batches(), (std::vector<std::size_t>{1, 2, 2}));
}

TEST_F(DetectionQueueTest, AStreamThatFailsTakesNoOtherWithIt) {
  int calls = 0;
  DetectionQueueOptions options;
  options.batch_size = 3;
  options.batch_timeout = std::chrono::seconds(60);  // until all three wait
  const auto queue = std::make_shared<DetectionQueue>(
      [&](const std::vector<DetectionRequest>& requests, Workspace&) {
        calls += 1;
        std::vector<Detection> detections(requests.size());
        for (const DetectionRequest& request : requests) {
          if (request.options.min_region_area > 0) throw Error(ErrorCode::internal, "bad frame");
        }
        return detections;
      },
      options);
  DetectionStream good(queue), bad(queue), unprepared(queue);
  std::future<std::optional<ScoredFrame>> scored = detect_later(good, 1);
  std::future<std::optional<ScoredFrame>> failed = std::async(std::launch::async, [&] {
    return unprepared.detect(
        [](PreparedFrame&, Workspace&) { throw Error(ErrorCode::internal, "no frame"); }, {});
  });
  WaitingFrame frame;
  frame.prepared.input.width = 1;
  frame.options.min_region_area = 1;
  bad.submit(frame);
  EXPECT_TRUE(scored.get().has_value());
  EXPECT_ERROR(failed.get(), internal, "no frame");
  EXPECT_ERROR(take(bad, 1), internal, "bad frame");
  EXPECT_EQ(calls, 3);
}

TEST_F(DetectionQueueTest, ABatchWaitsForOthersAsLongAsItMay) {
  const std::shared_ptr<DetectionQueue> queue = make_queue(8, std::chrono::seconds(60));
  DetectionStream a(queue), b(queue);
  auto idle = std::make_unique<DetectionStream>(queue);
  submit(a, 1);
  submit(b, 1);
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(inference_.begun(), 0U);
  submit(a, 1);  // no further stream
  idle.reset();  // now all wait that there are
  inference_.wait_until_begun(1);
  EXPECT_EQ(inference_.batches(), (std::vector<std::size_t>{2}));
  inference_.allow(1);
}

TEST_F(DetectionQueueTest, ABatchThatStaysSmallIsScoredAfterItsTime) {
  const std::shared_ptr<DetectionQueue> queue = make_queue(8, milliseconds(20));
  DetectionStream a(queue), idle(queue);
  const auto before = std::chrono::steady_clock::now();
  submit(a, 1);
  inference_.wait_until_begun(1);
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(20));
  inference_.allow(1);
}

TEST_F(DetectionQueueTest, AStreamAloneWaitsForNoBatch) {
  const std::shared_ptr<DetectionQueue> queue = make_queue(8, std::chrono::seconds(60));
  DetectionStream only(queue);
  inference_.allow(1);
  EXPECT_EQ(only.detect(prepare_as(2), {})->detection.score, 2);
}

// 16 streams that always have a frame, some of them several times as fast as others.
TEST(DetectionQueueFairness, ServesAllStreamsEquallyOften) {
  for (const int batch_size : {1, 3}) {
    DetectionQueueOptions options;
    options.batch_size = batch_size;
    std::vector<std::unique_ptr<DetectionStream>> streams;
    std::vector<int> scored(16);
    int all = 0;
    std::promise<void> end;
    const auto submit_everywhere = [&] {
      for (std::size_t i = 0; i < streams.size(); ++i) {
        for (std::size_t times = 0; times <= i % 5; ++times) {
          WaitingFrame frame;
          frame.prepared.input.width = 1 + static_cast<int>(i % 2);
          frame.options.min_region_area = static_cast<double>(i);
          streams[i]->submit(frame);
        }
      }
    };
    std::promise<void> begin;
    auto queue = std::make_shared<DetectionQueue>(
        [&](const std::vector<DetectionRequest>& requests, Workspace&) {
          if (all == 0) begin.get_future().wait();
          for (const DetectionRequest& request : requests) {
            scored[static_cast<std::size_t>(request.options.min_region_area)] += 1;
            if (++all == 1600) end.set_value();
          }
          if (all < 1600) submit_everywhere();
          return std::vector<Detection>(requests.size());
        },
        options);
    for (std::size_t i = 0; i < scored.size(); ++i) {
      streams.push_back(std::make_unique<DetectionStream>(queue));
    }
    submit_everywhere();
    begin.set_value();
    end.get_future().wait();
    streams.clear();
    queue.reset();
    // Those of the batch that is being scored may still come.
    for (const int count : scored) EXPECT_NEAR(count, 100, 3) << batch_size;
  }
}

// A stream whose frames wait to be scored, among others that submit as fast as they can.
TEST(DetectionQueueFairness, WaitsForOneFrameOfEachOther) {
  const auto queue = std::make_shared<DetectionQueue>(
      [](const std::vector<DetectionRequest>& requests, Workspace&) {
        std::this_thread::sleep_for(milliseconds(2));
        return std::vector<Detection>(requests.size());
      },
      DetectionQueueOptions());
  DetectionStream patient(queue);
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 7; ++i) {
    threads.emplace_back([&] {
      DetectionStream eager(queue);
      while (!over) {
        submit(eager, 1);
        std::this_thread::sleep_for(std::chrono::microseconds(300));
      }
    });
  }
  std::vector<double> seconds;
  for (int i = 0; i < 20; ++i) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(patient.detect(prepare_as(1), {}).has_value());
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  std::sort(seconds.begin(), seconds.end());
  EXPECT_LT(seconds[seconds.size() / 2], 3 * 8 * 0.002);
}

// Streams that come and go, flush and fail, in any order.
TEST(DetectionQueueTurmoil, NobodyHangsOrGetsWhatIsNotHis) {
  DetectionQueueOptions options;
  options.batch_size = 3;
  options.batch_timeout = std::chrono::microseconds(300);
  auto queue = std::make_shared<DetectionQueue>(
      [](const std::vector<DetectionRequest>& requests, Workspace&) {
        std::vector<Detection> detections;
        for (const DetectionRequest& request : requests) {
          if (request.frame->input.width == 0) throw Error(ErrorCode::internal, "inference failed");
          detections.emplace_back().score = request.options.min_region_area;
        }
        return detections;
      },
      options);
  std::atomic<int> results{0};
  std::vector<std::thread> threads;
  for (int i = 1; i <= 6; ++i) {
    threads.emplace_back([&results, queue, i] {
      DetectionOptions own;
      own.min_region_area = i;
      for (int round = 0; round < 60; ++round) {
        DetectionStream stream(queue);
        std::thread flusher;
        if (round % 5 == 0) flusher = std::thread([&] { stream.set_flushing(true); });
        for (int frame = 0; frame < 8; ++frame) {
          const int width = (frame + round) % 7 == 0 ? 0 : 1 + i % 2;
          try {
            if (i % 2 == 0) {
              if (const auto scored = stream.detect(prepare_as(width), own)) {
                EXPECT_EQ(scored->detection.score, i);
                results += 1;
              }
            } else {
              WaitingFrame waiting;
              waiting.prepared.input.width = width;
              waiting.options = own;
              stream.submit(waiting);
              for (const ScoredFrame& scored : stream.take()) {
                EXPECT_EQ(scored.detection.score, i);
                results += 1;
              }
              if (frame == 5) stream.forget();
            }
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::internal);
          }
        }
        if (flusher.joinable()) flusher.join();
      }
    });
  }
  queue.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(results, 100);
}

// 240 frames a second and inference of 20 ms: at most every fifth is scored, the newest ones.
TEST(DetectionQueueRate, KeepsUpWithAnyRate) {
  std::atomic<int> scored{0};
  DetectionStream stream(std::make_shared<DetectionQueue>(
      [&](const std::vector<DetectionRequest>& requests, Workspace&) {
        std::this_thread::sleep_for(milliseconds(20));
        scored += 1;
        return std::vector<Detection>(requests.size());
      },
      DetectionQueueOptions()));
  std::uint64_t last = 0;
  int results = 0;
  int replaced = 0;
  WaitingFrame frame;
  for (int i = 1; i <= 120; ++i) {
    const std::vector<ScoredFrame> taken = stream.take();
    EXPECT_LE(taken.size(), 2U);
    for (const ScoredFrame& result : taken) {
      EXPECT_GT(result.time, last);
      last = result.time;
      ++results;
    }
    frame.time = static_cast<std::uint64_t>(i);
    if (stream.submit(frame)) ++replaced;
    std::this_thread::sleep_for(std::chrono::microseconds(4166));
  }
  EXPECT_GT(results, 1);
  EXPECT_LE(120 - replaced - results, 2);  // one waits, one is being scored
  EXPECT_LE(results, scored);
}

}  // namespace patchcore
