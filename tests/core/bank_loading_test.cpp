// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects a stream whose bank is changed: nobody waits for a load, the newest request wins, a bad
// file changes nothing, and a file that is being written is not read.
#include "core/bank_loading.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/no_more_threads.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

using std::chrono::milliseconds;

/// Gives each path its own detector, all of one file, and waits where it is told to. Files whose
/// names begin with "bad" cannot be loaded.
class FakeLoader {
 public:
  explicit FakeLoader(std::string file) : file_(std::move(file)) {}

  std::shared_ptr<const Detector> operator()(const std::string& path, const DetectorOptions&) {
    std::unique_lock<std::mutex> lock(mutex_);
    threads_.insert(std::this_thread::get_id());
    begun_.push_back(path);
    changed_.notify_all();
    changed_.wait(lock, [&] { return held_.count(path) == 0; });
    const std::string name = std::filesystem::path(path).filename();
    if (name.rfind("bad", 0) == 0) throw Error(ErrorCode::corrupt, path + " is no bank");
    lock.unlock();
    return std::make_shared<const Detector>(file_, DetectorOptions());
  }

  /// Loads of this path do not end until they are released.
  void hold(const std::string& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.insert(path);
  }
  void release(const std::string& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.erase(path);
    changed_.notify_all();
  }

  void wait_until_begun(const std::string& path) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !begun_.empty() && begun_.back() == path; });
  }

  std::vector<std::string> begun() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return begun_;
  }
  std::set<std::thread::id> threads() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return threads_;
  }

 private:
  const std::string file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> begun_;  // all guarded by the mutex
  std::set<std::string> held_;
  std::set<std::thread::id> threads_;
};

class BankLoadingTest : public ::testing::Test {
 protected:
  std::unique_ptr<BankLoading> make(milliseconds period = milliseconds(5)) {
    return std::make_unique<BankLoading>(
        std::ref(loader_),
        [this](const BankSource& source, const std::exception& error) {
          EXPECT_NE(std::string(error.what()).find(source.path), std::string::npos);
          const std::lock_guard<std::mutex> lock(mutex_);
          failed_.push_back(source.path);
        },
        period);
  }

  static BankSource source(const std::string& path) { return {path, {}}; }

  /// Waits for what is loaded next.
  static LoadedBank take(BankLoading& loading) {
    for (int i = 0; i < 60000; ++i) {
      if (std::optional<LoadedBank> loaded = loading.take()) return *loaded;
      std::this_thread::sleep_for(milliseconds(1));
    }
    ADD_FAILURE() << "nothing was loaded";
    return {};
  }

  std::vector<std::string> failed() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return failed_;
  }
  std::vector<std::string> wait_for_failures(std::size_t count) {
    for (int i = 0; i < 60000 && failed().size() < count; ++i) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return failed();
  }

  /// As the trainer does it: a whole file, in one step.
  void replace(const std::string& path, const std::string& content) {
    test::write_whole_file(path + ".new", content);
    std::filesystem::rename(path + ".new", path);
  }

  /// Many times as long as a change of a file needs to be noticed.
  static void wait_for_looks() { std::this_thread::sleep_for(milliseconds(100)); }

  test::TemporaryFolder folder_;
  std::string file_ = folder_ / "followed";
  FakeLoader loader_{test::write_tiny_bank(folder_.path())};
  std::mutex mutex_;
  std::vector<std::string> failed_;  ///< guarded by the mutex
};

/// Tells on which thread it was freed, and can take its time.
struct Freed {
  std::atomic<bool> done{false};
  std::thread::id thread;
};

std::shared_ptr<const void> tell_when_freed(Freed& freed, milliseconds duration = {}) {
  return std::shared_ptr<const void>(&freed, [duration](const void* data) {
    auto* told = static_cast<Freed*>(const_cast<void*>(data));
    std::this_thread::sleep_for(duration);
    told->thread = std::this_thread::get_id();
    told->done = true;
  });
}

}  // namespace

TEST_F(BankLoadingTest, LoadsOnAThreadOfItsOwn) {
  const auto loading = make();
  loading->start(source("first"));
  EXPECT_FALSE(loading->take());
  loading->request(source("second"));
  const LoadedBank loaded = take(*loading);
  EXPECT_EQ(loaded.source.path, "second");
  EXPECT_NE(loaded.detector, nullptr);
  EXPECT_FALSE(loading->take()) << "given twice";
  loading->request(source("third"));
  take(*loading);
  EXPECT_EQ(loader_.threads().size(), 1U);
  EXPECT_EQ(loader_.threads().count(std::this_thread::get_id()), 0U);
}

TEST_F(BankLoadingTest, ARequestThatNoThreadCanBeStartedForIsRefused) {
  const auto loading = make();
  loading->start(source("first"));
  {
    const test::NoMoreThreads limit;
    EXPECT_ERROR(loading->request(source("second")), no_space, "to load banks");
    EXPECT_ERROR(loading->watch(true), no_space, "to load banks");
  }
  loading->request(source("third"));
  EXPECT_EQ(take(*loading).source.path, "third");
}

TEST_F(BankLoadingTest, NobodyWaitsForALoad) {
  const auto loading = make();
  loading->start(source("first"));
  loader_.hold("second");
  loading->request(source("second"));
  loader_.wait_until_begun("second");
  EXPECT_FALSE(loading->take());
  loading->request(source("third"));
  loading->watch(true);
  loading->watch(false);
  loading->retire(nullptr);
  EXPECT_FALSE(loading->take());
  loader_.release("second");
  EXPECT_EQ(take(*loading).source.path, "third");
}

TEST_F(BankLoadingTest, TheNewestRequestWins) {
  const auto loading = make();
  loading->start(source("first"));
  loader_.hold("second");
  loading->request(source("second"));
  loader_.wait_until_begun("second");
  for (const char* path : {"third", "bad fourth", "fifth"}) loading->request(source(path));
  loader_.release("second");
  EXPECT_EQ(take(*loading).source.path, "fifth");
  EXPECT_EQ(loader_.begun(), (std::vector<std::string>{"second", "fifth"}));
  EXPECT_TRUE(failed().empty());
}

TEST_F(BankLoadingTest, WhatWasLoadedBeforeTheNewestRequestIsDropped) {
  const auto loading = make();
  loading->start(source("first"));
  loading->request(source("second"));
  loading->request(source("bad third"));
  EXPECT_EQ(wait_for_failures(1), std::vector<std::string>{"bad third"});
  EXPECT_FALSE(loading->take());
}

TEST_F(BankLoadingTest, AFailureThatIsNoLongerOfInterestIsNotTold) {
  const auto loading = make();
  loading->start(source("first"));
  loader_.hold("bad second");
  loading->request(source("bad second"));
  loader_.wait_until_begun("bad second");
  loading->request(source("third"));
  loader_.release("bad second");
  EXPECT_EQ(take(*loading).source.path, "third");
  EXPECT_TRUE(failed().empty());
}

TEST_F(BankLoadingTest, AFailureIsToldOnceAndTheNextRequestIsServed) {
  const auto loading = make();
  loading->start(source("first"));
  loading->request(source("bad second"));
  EXPECT_EQ(wait_for_failures(1), std::vector<std::string>{"bad second"});
  EXPECT_FALSE(loading->take());
  loading->request(source("third"));
  EXPECT_EQ(take(*loading).source.path, "third");
  EXPECT_EQ(failed().size(), 1U);
}

TEST_F(BankLoadingTest, WithoutAStartNothingIsLoaded) {
  const auto loading = make();
  loading->request(source("early"));
  loading->watch(true);
  loading->start(source("first"));
  loading->stop();
  loading->request(source("late"));
  wait_for_looks();
  EXPECT_TRUE(loader_.begun().empty());
  EXPECT_FALSE(loading->take());
}

TEST_F(BankLoadingTest, StoppingWaitsForTheLoadAndDropsIt) {
  const auto loading = make();
  loading->start(source("first"));
  loader_.hold("second");
  loading->request(source("second"));
  loader_.wait_until_begun("second");
  std::atomic<bool> stopped{false};
  std::thread stopping([&] {
    loading->stop();
    stopped = true;
  });
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_FALSE(stopped);
  loader_.release("second");
  stopping.join();
  EXPECT_FALSE(loading->take());
  EXPECT_TRUE(failed().empty());
}

TEST_F(BankLoadingTest, CanBeStartedAgain) {
  const auto loading = make();
  for (int i = 0; i < 50; ++i) {
    loading->start(source("first"));
    if (i % 2 == 0) loading->request(source("second"));
    if (i % 3 == 0) loading->watch(true);
    if (i % 4 == 0) take(*loading);
    loading->stop();
    EXPECT_FALSE(loading->take());
  }
  EXPECT_TRUE(failed().empty());
}

TEST_F(BankLoadingTest, FreesOnItsThread) {
  const auto loading = make();
  loading->start(source("first"));
  loading->request(source("second"));
  take(*loading);
  Freed freed;
  loading->retire(tell_when_freed(freed));
  loading->request(source("third"));
  take(*loading);
  EXPECT_TRUE(freed.done) << "freed before anything else is loaded";
  EXPECT_EQ(loader_.threads().count(freed.thread), 1U);

  Freed last;
  loading->retire(tell_when_freed(last, milliseconds(20)));
  loading->stop();
  EXPECT_TRUE(last.done);
}

TEST_F(BankLoadingTest, WithoutAThreadTheCallerFrees) {
  const auto loading = make();
  Freed freed;
  loading->start(source("first"));
  loading->retire(tell_when_freed(freed));
  EXPECT_EQ(freed.thread, std::this_thread::get_id());
}

TEST_F(BankLoadingTest, FollowsTheFile) {
  test::write_whole_file(file_, "1");
  const auto loading = make();
  loading->start(source(file_));
  loading->watch(true);
  wait_for_looks();
  EXPECT_TRUE(loader_.begun().empty()) << "what is in use is no news";
  for (const char* content : {"22", "333", "4444"}) {
    replace(file_, content);
    EXPECT_EQ(take(*loading).source.path, file_);
  }
  wait_for_looks();
  EXPECT_EQ(loader_.begun().size(), 3U);
}

TEST_F(BankLoadingTest, DoesNotFollowUnlessItIsToldTo) {
  test::write_whole_file(file_, "1");
  const auto loading = make();
  loading->start(source(file_));
  loading->request(source(file_));
  take(*loading);
  replace(file_, "22");
  wait_for_looks();
  EXPECT_EQ(loader_.begun().size(), 1U);
  loading->watch(true);
  take(*loading);  // it was replaced since it was loaded
  loading->watch(false);
  wait_for_looks();
  replace(file_, "333");
  wait_for_looks();
  EXPECT_EQ(loader_.begun().size(), 2U);
}

TEST_F(BankLoadingTest, FollowsWhatWasAskedForLast) {
  const std::string other = folder_ / "other";
  test::write_whole_file(file_, "1");
  test::write_whole_file(other, "1");
  const auto loading = make();
  loading->start(source(file_));
  loading->watch(true);
  loading->request(source(other));
  take(*loading);
  replace(file_, "22");
  wait_for_looks();
  EXPECT_EQ(loader_.begun(), std::vector<std::string>{other});
  replace(other, "22");
  EXPECT_EQ(take(*loading).source.path, other);
}

TEST_F(BankLoadingTest, AFileThatIsBeingWrittenIsNotRead) {
  test::write_whole_file(file_, "1");
  const auto loading = make(milliseconds(50));
  loading->start(source(file_));
  loading->watch(true);
  std::string content = "1";
  const auto end = std::chrono::steady_clock::now() + milliseconds(1000);
  while (std::chrono::steady_clock::now() < end) {
    content += "1";
    test::write_whole_file(file_, content);
  }
  const std::size_t during = loader_.begun().size();
  take(*loading);
  // There were about twenty looks. A busy machine may hold the writer up for longer than they are
  // apart.
  EXPECT_LE(during, 4U);
}

TEST_F(BankLoadingTest, AFollowedFileThatIsBadIsToldOfOnceAndMayGetBetter) {
  const std::string path = folder_ / "bad";
  test::write_whole_file(path, "1");
  const auto loading = make();
  loading->start(source(path));
  loading->watch(true);
  replace(path, "22");
  EXPECT_EQ(wait_for_failures(1).size(), 1U);
  wait_for_looks();
  EXPECT_EQ(failed().size(), 1U);
  replace(path, "333");
  EXPECT_EQ(wait_for_failures(2).size(), 2U);
}

TEST_F(BankLoadingTest, AFileThatIsReplacedWhileItIsReadIsReadAgain) {
  test::write_whole_file(file_, "1");
  const auto loading = make();
  loading->start(source("first"));
  loading->watch(true);
  loader_.hold(file_);
  loading->request(source(file_));
  loader_.wait_until_begun(file_);
  replace(file_, "22");
  loader_.release(file_);
  for (int i = 0; i < 60000 && loader_.begun().size() < 2; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  wait_for_looks();
  EXPECT_EQ(loader_.begun().size(), 2U);
}

TEST_F(BankLoadingTest, SurvivesRequestsOfManyThreads) {
  const auto loading = make();
  loading->start(source("first"));
  std::vector<std::thread> threads;
  std::atomic<bool> over{false};
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (int round = 0; round < 50; ++round) {
        loading->request(source((round % 5 == 4 ? "bad " : "") + std::to_string(number)));
        if (round % 7 == 0) loading->watch(round % 2 == 0);
      }
    });
  }
  std::thread taker([&] {
    std::shared_ptr<const Detector> used;
    while (!over) {
      if (std::optional<LoadedBank> loaded = loading->take()) {
        loading->retire(std::exchange(used, loaded->detector));
      }
    }
  });
  for (std::thread& thread : threads) thread.join();
  over = true;
  taker.join();
  loading->request(source("last"));
  EXPECT_EQ(take(*loading).source.path, "last");
}

}  // namespace patchcore
