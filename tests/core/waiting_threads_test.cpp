// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how OpenMP's threads wait where others want the processors, too.
#include "core/waiting_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "core/threads.h"

namespace patchcore {
namespace {

using Clock = std::chrono::steady_clock;

/// @return whether @p condition came to hold
bool wait_for(const std::function<bool()>& condition) {
  const Clock::time_point end = Clock::now() + std::chrono::minutes(2);
  while (!condition()) {
    if (Clock::now() > end) return false;
  }
  return true;
}

/// What a frame does to the threads: many short parallel regions.
void compute() {
  for (int region = 0; region < 20; ++region) {
#pragma omp parallel
    for (volatile int turn = 0; turn < 20000; turn = turn + 1) continue;
  }
}

/// Threads that want all processors all the time.
class BusyThreads {
 public:
  BusyThreads() {
    for (int i = 0; i < 2 * available_processors(); ++i) {
      threads_.emplace_back([this] {
        while (!stop_) continue;
      });
    }
  }
  ~BusyThreads() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

TEST(WaitingThreads, SleepWhileOthersComputeAndForSomeSecondsMore) {
  use_own_threads(2);
  {
    const BusyThreads others;
    EXPECT_TRUE(wait_for([] {
      compute();
      adapt_waiting_threads();
      return waiting_threads_sleep();
    }));
  }
  // Nobody needs to call for it to end.
  EXPECT_TRUE(wait_for([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return !waiting_threads_sleep();
  }));
}

// One thread waits for nobody.
TEST(WaitingThreads, OfATeamOfOneAreLeftAlone) {
  use_own_threads(1);
  const BusyThreads others;
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(500);
  while (Clock::now() < end) {
    compute();
    adapt_waiting_threads();
  }
  EXPECT_FALSE(waiting_threads_sleep());
}

}  // namespace patchcore
