// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a thread which cannot be started is an error that people understand.
#include "core/thread_start.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/no_more_threads.h"

namespace patchcore {

TEST(ThreadStart, RunsTheFunctionOnAnotherThread) {
  std::thread::id other;
  start_thread("to test", [&] { other = std::this_thread::get_id(); }).join();
  EXPECT_NE(other, std::thread::id());
  EXPECT_NE(other, std::this_thread::get_id());
}

TEST(ThreadStart, SaysWhatNoThreadCanBeStartedFor) {
  {
    const test::NoMoreThreads limit;
    EXPECT_ERROR(start_thread("to test", [] {}), no_space, "no thread can be started to test (");
  }
  EXPECT_NO_THROW(start_thread("to test", [] {}).join());
}

}  // namespace patchcore
