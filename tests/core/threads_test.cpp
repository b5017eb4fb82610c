// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how many threads wait for work.
#include "core/threads.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <thread>

namespace patchcore {
namespace {

std::size_t threads_of_process() {
  using Entries = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(Entries("/proc/self/task"), Entries()));
}

/// Threads that have ended may be there for a moment.
bool comes_to(std::size_t threads) {
  for (int i = 0; i < 1000 && threads_of_process() > threads; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return threads_of_process() == threads;
}

int threads_of_a_region() {
  int threads = 0;
#pragma omp parallel reduction(+ : threads)
  threads += 1;
  return threads;
}

}  // namespace

TEST(Threads, AreAsManyAsAskedFor) {
  for (const int threads : {1, 3, 2}) {
    use_own_threads(threads);
    EXPECT_EQ(threads_of_a_region(), threads);
    use_threads(threads + 1);
    EXPECT_EQ(threads_of_a_region(), threads + 1);
  }
  use_threads(0);
  EXPECT_EQ(threads_of_a_region(), available_processors());
}

TEST(Threads, EndWhenReleased) {
  release_own_threads();
  const std::size_t before = threads_of_process();
  use_own_threads(4);
  EXPECT_EQ(threads_of_a_region(), 4);
  EXPECT_EQ(threads_of_process(), before + 3);
  release_own_threads();
  EXPECT_TRUE(comes_to(before)) << threads_of_process() << " threads, " << before << " before";
  // They are there again when there is work.
  EXPECT_EQ(threads_of_a_region(), 4);
  release_own_threads();
}

// Those of others, that may be at work, stay.
TEST(Threads, EndForTheCallingThreadAlone) {
  use_own_threads(3);
  EXPECT_EQ(threads_of_a_region(), 3);
  const std::size_t before = threads_of_process();
  std::thread([] {
    use_own_threads(2);
    EXPECT_EQ(threads_of_a_region(), 2);
    release_own_threads();
  }).join();
  EXPECT_TRUE(comes_to(before));
  EXPECT_EQ(threads_of_a_region(), 3);
}

}  // namespace patchcore
