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
#include <string>
#include <thread>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

std::size_t threads_of_process() {
  using Entries = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(Entries("/proc/self/task"), Entries()));
}

/// Threads that have ended may be there for a moment: the number once it has stayed the same for a
/// while.
std::size_t settled_threads_of_process() {
  constexpr int long_enough = 20;
  std::size_t threads = threads_of_process();
  for (int same = 0; same < long_enough; ++same) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::size_t now = threads_of_process();
    if (now != threads) same = 0;
    threads = now;
  }
  return threads;
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

// OpenMP would end the process when it can start no more.
TEST(Threads, AreNotMoreThanMakesSense) {
  for (const int threads : {-1, max_threads + 1, 1'000'000}) {
    EXPECT_ERROR(use_threads(threads), invalid_argument, std::to_string(threads) + " threads");
    EXPECT_ERROR(use_own_threads(threads), invalid_argument, "1 to 1024");
  }
}

TEST(Threads, EndWhenReleased) {
  release_own_threads();
  const std::size_t before = settled_threads_of_process();
  use_own_threads(4);
  EXPECT_EQ(threads_of_a_region(), 4);
  EXPECT_EQ(threads_of_process(), before + 3);
  release_own_threads();
  EXPECT_EQ(settled_threads_of_process(), before);
  // They are there again when there is work.
  EXPECT_EQ(threads_of_a_region(), 4);
  release_own_threads();
}

// Those of others, that may be at work, stay.
TEST(Threads, EndForTheCallingThreadAlone) {
  use_own_threads(3);
  EXPECT_EQ(threads_of_a_region(), 3);
  const std::size_t before = settled_threads_of_process();
  std::thread([] {
    use_own_threads(2);
    EXPECT_EQ(threads_of_a_region(), 2);
    release_own_threads();
  }).join();
  EXPECT_EQ(settled_threads_of_process(), before);
  EXPECT_EQ(threads_of_a_region(), 3);
}

}  // namespace patchcore
