// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what many streams rely on: one engine for one bank, freed after the last one, whatever
// starts, stops and fails at the same time.
#include "core/detector_sharing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

using Pointer = std::shared_ptr<const Detector>;

class DetectorSharingTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::string bank_ = test::write_tiny_bank(folder_.path());
};

/// A loader that counts, and that takes its time where it is told to.
class CountingLoader {
 public:
  Pointer operator()(const std::string& path, const DetectorOptions& options) {
    count_ += 1;
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    return std::make_shared<const Detector>(path, options);
  }

  void hold() { set_held(true); }
  void release() { set_held(false); }
  int count() const { return count_; }

  void wait_for_call() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return count_ > 0; });
  }

 private:
  void set_held(bool held) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  std::atomic<int> count_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;  ///< guarded by the mutex
};

}  // namespace

TEST_F(DetectorSharingTest, GivesOneDetectorForOneBank) {
  const Pointer first = shared_detector(bank_, {});
  EXPECT_EQ(shared_detector(bank_, {}), first);

  const std::string link = folder_ / "link";
  std::filesystem::create_symlink(bank_, link);
  EXPECT_EQ(shared_detector(link, {}), first);

  DetectorOptions threads;
  threads.threads = 3;
  EXPECT_EQ(shared_detector(bank_, threads), first);
}

TEST_F(DetectorSharingTest, KeepsApartWhatWasAskedForDifferently) {
  DetectorOptions precise, indexed, placed, weighted, permitted;
  precise.precision = Precision::fp32;
  indexed.index = IndexKind::faiss_flat;
  placed.device = "cpu";
  weighted.weights = folder_ / "resnet18.safetensors";
  permitted.allow_torchscript = true;
  const std::string copy = folder_ / "copy";
  std::filesystem::copy_file(bank_, copy);

  std::vector<Pointer> all = {shared_detector(bank_, {}), shared_detector(copy, {})};
  for (const DetectorOptions& options : {precise, indexed, placed, weighted, permitted}) {
    all.push_back(shared_detector(bank_, options));
    EXPECT_EQ(shared_detector(bank_, options), all.back());
  }
  EXPECT_EQ(std::set<Pointer>(all.begin(), all.end()).size(), all.size());
}

TEST_F(DetectorSharingTest, FreesTheMemoryAfterTheLastUse) {
  Pointer first = shared_detector(bank_, {});
  Pointer second = shared_detector(bank_, {});
  const std::weak_ptr<const Detector> watched = first;
  first.reset();
  EXPECT_FALSE(watched.expired());
  second.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_NE(shared_detector(bank_, {}), nullptr);
}

TEST_F(DetectorSharingTest, LoadsAFileThatWasReplaced) {
  const Pointer old = shared_detector(bank_, {});
  const std::string fresh = folder_ / "fresh";
  std::filesystem::copy_file(bank_, fresh);
  std::filesystem::rename(fresh, bank_);
  const Pointer replaced = shared_detector(bank_, {});
  EXPECT_NE(replaced, old);
  EXPECT_EQ(shared_detector(bank_, {}), replaced);
}

// What was read may be the old file or the new one.
TEST_F(DetectorSharingTest, DoesNotShareAFileThatWasReplacedWhileItWasRead) {
  const std::string fresh = folder_ / "fresh";
  std::filesystem::copy_file(bank_, fresh);
  int loads = 0;
  DetectorSharing sharing([&](const std::string& path, const DetectorOptions& options) {
    if (++loads == 1) std::filesystem::rename(fresh, path);
    return std::make_shared<const Detector>(path, options);
  });
  const Pointer first = sharing.get(bank_, {});
  ASSERT_NE(first, nullptr);
  EXPECT_NE(sharing.get(bank_, {}), first);
  EXPECT_EQ(loads, 2);
}

TEST_F(DetectorSharingTest, SaysWhatIsWrongAndTriesAgain) {
  const std::string bank = folder_ / "later";
  EXPECT_ERROR(shared_detector(bank, {}), not_found, "later");
  test::write_whole_file(bank, "no bank");
  EXPECT_THROW(shared_detector(bank, {}), Error);
  std::filesystem::remove(bank);
  std::filesystem::copy_file(bank_, bank);
  EXPECT_NE(shared_detector(bank, {}), nullptr);
}

TEST_F(DetectorSharingTest, TriesAgainAfterAFailureWithTheSameFile) {
  int loads = 0;
  DetectorSharing sharing([&](const std::string& path, const DetectorOptions& options) {
    if (++loads == 1) throw Error(ErrorCode::no_space, "not enough memory");
    return std::make_shared<const Detector>(path, options);
  });
  EXPECT_ERROR(sharing.get(bank_, {}), no_space, "not enough memory");
  EXPECT_NE(sharing.get(bank_, {}), nullptr);
  EXPECT_EQ(loads, 2);
}

TEST_F(DetectorSharingTest, LoadsOnceForAllThatStartTogether) {
  CountingLoader loader;
  DetectorSharing sharing(std::ref(loader));
  loader.hold();
  std::vector<Pointer> detectors(8);
  std::vector<std::thread> threads;
  for (Pointer& detector : detectors) {
    threads.emplace_back([&] { detector = sharing.get(bank_, {}); });
  }
  loader.wait_for_call();
  loader.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loader.count(), 1);
  for (const Pointer& detector : detectors) {
    EXPECT_NE(detector, nullptr);
    EXPECT_EQ(detector, detectors.front());
  }
}

TEST_F(DetectorSharingTest, AFailureIsThatOfAllThatWait) {
  const std::string broken = folder_ / "broken";
  test::write_whole_file(broken, "no bank");
  CountingLoader loader;
  DetectorSharing sharing(std::ref(loader));
  loader.hold();
  std::vector<std::string> messages(2);
  std::vector<std::thread> threads;
  std::atomic<int> asking{0};
  for (std::string& message : messages) {
    threads.emplace_back([&] {
      asking += 1;
      try {
        sharing.get(broken, {});
      } catch (const Error& error) {
        message = error.what();
      }
    });
  }
  loader.wait_for_call();
  while (asking < 2) std::this_thread::yield();
  // The second is at most a few instructions from waiting.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  loader.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loader.count(), 1);
  EXPECT_NE(messages[0], "");
  EXPECT_EQ(messages[0], messages[1]);
}

// The lock is not held meanwhile.
TEST_F(DetectorSharingTest, OtherBanksNeedNotWaitForALoad) {
  const std::string slow = folder_ / "slow";
  std::filesystem::copy_file(bank_, slow);
  CountingLoader loader;
  DetectorSharing sharing([&](const std::string& path, const DetectorOptions& options) {
    return path == slow ? loader(path, options) : std::make_shared<const Detector>(path, options);
  });
  loader.hold();
  std::thread waiting([&] { sharing.get(slow, {}); });
  loader.wait_for_call();
  EXPECT_NE(sharing.get(bank_, {}), nullptr);
  loader.release();
  waiting.join();
}

TEST_F(DetectorSharingTest, SurvivesStartsAndStopsInAnyOrder) {
  const test::StripedPicture picture(4);
  Workspace workspace;
  const double expected = shared_detector(bank_, {})->detect(picture.view(), {}, workspace).score;
  const std::string broken = folder_ / "broken";
  test::write_whole_file(broken, "no bank");
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      Workspace own;
      own.threads = 1;
      for (int round = 0; round < 10; ++round) {
        if ((round + number) % 4 == 0) {
          try {
            shared_detector(broken, {});
            wrong += 1;
          } catch (const Error&) {
          }
          continue;
        }
        const Pointer detector = shared_detector(bank_, {});
        const double score = detector->detect(picture.view(), {}, own).score;
        if (std::abs(score - expected) > 1e-4 * expected + 1e-9) wrong += 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace patchcore
