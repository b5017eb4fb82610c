// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what many streams rely on: one line before one engine, freed after the last of them, and
// the same results as each by itself.
#include "core/detection_queue_sharing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "core/detector_sharing.h"
#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

class DetectionQueueSharingTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::shared_ptr<const Detector> detector_ =
      shared_detector(test::write_tiny_bank(folder_.path()), {});
};

DetectionQueue::Prepare prepare(const Detector& detector, const test::StripedPicture& picture) {
  return [&](PreparedFrame& prepared, Workspace& workspace) {
    detector.prepare(picture.view(), {}, prepared, workspace);
  };
}

}  // namespace

TEST_F(DetectionQueueSharingTest, GivesOneQueueForOneEngineAndTheSameOptions) {
  const std::shared_ptr<DetectionQueue> first = shared_detection_queue(detector_, {});
  EXPECT_EQ(shared_detection_queue(detector_, {}), first);

  DetectionQueueOptions batch, timeout, threads;
  batch.batch_size = 2;
  timeout.batch_timeout = std::chrono::milliseconds(1);
  threads.threads = 1;
  for (const DetectionQueueOptions& options : {batch, timeout, threads}) {
    EXPECT_NE(shared_detection_queue(detector_, options), first);
  }

  const test::TemporaryFolder other_folder;
  const auto other = shared_detector(test::write_tiny_bank(other_folder.path()), {});
  EXPECT_NE(shared_detection_queue(other, {}), first);
}

TEST_F(DetectionQueueSharingTest, KeepsTheEngineAndIsFreedWithItsLastUser) {
  std::shared_ptr<DetectionQueue> queue = shared_detection_queue(detector_, {});
  const std::weak_ptr<const Detector> engine = detector_;
  detector_.reset();
  EXPECT_FALSE(engine.expired());
  const std::weak_ptr<DetectionQueue> watched = queue;
  queue.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(engine.expired());
}

TEST_F(DetectionQueueSharingTest, ForgetsWhatIsNotUsed) {
  int made = 0;
  DetectionQueueSharing sharing([&](std::shared_ptr<const Detector>,
                                    const DetectionQueueOptions& options) {
    made += 1;
    return std::make_shared<DetectionQueue>(
        [](const auto& requests, Workspace&) { return std::vector<Detection>(requests.size()); },
        options);
  });
  sharing.get(detector_, {});
  sharing.get(detector_, {});
  EXPECT_EQ(made, 2);
  const auto queue = sharing.get(detector_, {});
  EXPECT_EQ(sharing.get(detector_, {}), queue);
  EXPECT_EQ(made, 3);
}

TEST_F(DetectionQueueSharingTest, RefusesOptionsThatMakeNoSense) {
  DetectionQueueOptions options;
  options.batch_size = 0;
  EXPECT_ERROR(shared_detection_queue(detector_, options), invalid_argument, "not 0");
}

TEST_F(DetectionQueueSharingTest, FourStreamsInBatchesGetWhatEachGetsAlone) {
  DetectionQueueOptions options;
  options.batch_size = 4;
  options.batch_timeout = std::chrono::seconds(1);
  const std::shared_ptr<DetectionQueue> queue = shared_detection_queue(detector_, options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      DetectionStream stream(queue);
      Workspace workspace;
      for (int frame = 0; frame < 5; ++frame) {
        test::StripedPicture picture(10 * i + frame);
        if (frame % 2 == 0) picture.add_defect();
        const Detection alone = detector_->detect(picture.view(), {}, workspace);
        const auto scored = stream.detect(prepare(*detector_, picture), {});
        ASSERT_TRUE(scored.has_value());
        EXPECT_EQ(scored->detection.score, alone.score);
        EXPECT_EQ(scored->detection.map.values, alone.map.values);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DetectionQueueSharingTest, TestsCanSlowTheEngineDown) {
  setenv("PATCHCORE_TEST_FRAME_MS", "100", 1);
  DetectionStream slow(shared_detection_queue(detector_, {}));
  unsetenv("PATCHCORE_TEST_FRAME_MS");
  const auto before = std::chrono::steady_clock::now();
  const test::StripedPicture picture(1);
  EXPECT_TRUE(slow.detect(prepare(*detector_, picture), {}).has_value());
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(100));
}

}  // namespace patchcore
