// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects from what a thread learns that it has to share its processor.
#include "core/processor_contention.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

/// Ten seconds of calls, one every ten milliseconds.
/// @param begin  seconds that the thread has run and waited before
/// @param share  of the time that it waits
/// @return how many of the calls found contention
int contended_calls(ProcessorContention& contention, double begin, double share) {
  int contended = 0;
  for (int call = 0; call < 1000; ++call) {
    const double seconds = 0.01 * call;
    contended += contention.update(begin + (1 - share) * seconds, begin + share * seconds) ? 1 : 0;
  }
  return contended;
}

}  // namespace

TEST(ProcessorContention, IsToldFromWaiting) {
  ProcessorContention alone;
  EXPECT_EQ(contended_calls(alone, 0, 0.1), 0);
  ProcessorContention sharing;
  EXPECT_GT(contended_calls(sharing, 0, 0.4), 970);
}

// What was before this one looked does not count: the thread may have done other work.
TEST(ProcessorContention, BeginsWithWhatIsThereAlready) {
  ProcessorContention contention;
  EXPECT_EQ(contended_calls(contention, 100, 0.02), 0);
}

TEST(ProcessorContention, EndsWithTheWaiting) {
  ProcessorContention contention;
  contended_calls(contention, 0, 0.4);
  EXPECT_TRUE(contention.update(6, 4));
  EXPECT_FALSE(contention.update(6.5, 4.01));
}

// A short wait within a short time says nothing.
TEST(ProcessorContention, LooksAtNoLessThanAFifthOfASecond) {
  ProcessorContention contention;
  contention.update(0, 0);
  EXPECT_FALSE(contention.update(0.05, 0.05));
  EXPECT_FALSE(contention.update(0.3, 0.05));
}

}  // namespace patchcore
