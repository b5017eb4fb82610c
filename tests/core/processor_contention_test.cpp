// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects from what a thread learns that it has to share its processor.
#include "core/processor_contention.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

/// Ten seconds of calls, one every ten milliseconds of processor time.
/// @param rate  preemptions a second
/// @return how many of the calls found contention
int contended_calls(ProcessorContention& contention, double begin, double rate) {
  int contended = 0;
  for (int call = 0; call < 1000; ++call) {
    const double seconds = begin + 0.01 * call;
    contended += contention.update(seconds, static_cast<long>(rate * seconds)) ? 1 : 0;
  }
  return contended;
}

}  // namespace

TEST(ProcessorContention, IsToldFromPreemptions) {
  ProcessorContention alone;
  EXPECT_EQ(contended_calls(alone, 0, 10), 0);
  ProcessorContention sharing;
  EXPECT_GT(contended_calls(sharing, 0, 250), 980);
}

// What was before this one looked does not count: the thread may have done other work.
TEST(ProcessorContention, BeginsWithWhatIsThereAlready) {
  ProcessorContention contention;
  EXPECT_FALSE(contention.update(5, 1'000'000));
  EXPECT_FALSE(contention.update(5.2, 1'000'001));
}

TEST(ProcessorContention, EndsWithThePreemptions) {
  ProcessorContention contention;
  contended_calls(contention, 0, 250);
  EXPECT_TRUE(contention.update(10, 2500));
  EXPECT_FALSE(contention.update(10.5, 2500));
}

// A few preemptions within a short time say nothing.
TEST(ProcessorContention, LooksAtNoLessThanATenthOfASecond) {
  ProcessorContention contention;
  contention.update(0, 0);
  EXPECT_FALSE(contention.update(0.01, 4));
  EXPECT_FALSE(contention.update(0.2, 4));
}

}  // namespace patchcore
