// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the threads' scratch memory: enough of it, kept, never another thread's, and no crash
// where there is none.
#include "core/backbone/thread_scratch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>

namespace patchcore {

TEST(ThreadScratch, IsAsLargeAsAskedForAndAligned) {
  for (const std::size_t bytes : {1U, 100U, 64U, 1U << 20}) {
    void* scratch = thread_scratch(bytes);
    ASSERT_NE(scratch, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(scratch) % 64, 0U);
    std::memset(scratch, 1, bytes);
  }
}

TEST(ThreadScratch, StaysWhereItIsUntilMoreIsAskedFor) {
  const void* scratch = thread_scratch(1 << 16);
  EXPECT_EQ(thread_scratch(1 << 10), scratch);
  EXPECT_EQ(thread_scratch(1 << 16), scratch);
}

TEST(ThreadScratch, IsAnotherInAnotherThread) {
  const void* mine = thread_scratch(1000);
  const void* other = nullptr;
  std::thread([&] { other = thread_scratch(1000); }).join();
  EXPECT_NE(other, nullptr);
  EXPECT_NE(other, mine);
}

// AddressSanitizer ends the program instead.
#ifndef __SANITIZE_ADDRESS__
TEST(ThreadScratch, IsNullWithoutMemory) {
  EXPECT_EQ(thread_scratch(std::numeric_limits<std::size_t>::max() / 2), nullptr);
  EXPECT_NE(thread_scratch(1000), nullptr);
}
#endif

}  // namespace patchcore
