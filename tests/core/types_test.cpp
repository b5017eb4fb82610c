// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the meaning of the relative score, 1 is the boundary, and of the confidence, one half
// is.
#include "core/types.h"

#include <gtest/gtest.h>

#include <cmath>

namespace patchcore {

TEST(SizeText, IsWidthTimesHeight) {
  EXPECT_EQ(size_text({1920, 1080}), "1920x1080");
}

TEST(RelativeScore, IsOneAtTheThreshold) {
  EXPECT_DOUBLE_EQ(relative_score(0.25, 0.25), 1);
  EXPECT_DOUBLE_EQ(relative_score(0.5, 0.25), 2);
}

TEST(RelativeScore, HasNoNotANumberAtThresholdZero) {
  EXPECT_EQ(relative_score(0, 0), 0);
  EXPECT_TRUE(std::isinf(relative_score(1, 0)));
}

TEST(Confidence, IsOneHalfAtTheThreshold) {
  EXPECT_DOUBLE_EQ(confidence(0.25, 0.25), 0.5);
  EXPECT_DOUBLE_EQ(confidence(7, 7), 0.5);
}

TEST(Confidence, GrowsFromZeroToOne) {
  EXPECT_EQ(confidence(0, 2), 0);
  EXPECT_LT(confidence(1, 2), 0.5);
  EXPECT_DOUBLE_EQ(confidence(6, 2), 0.75);
  EXPECT_LE(confidence(1e300, 2), 1);
}

// There every score reaches the threshold.
TEST(Confidence, IsAtLeastOneHalfAtThresholdZero) {
  EXPECT_EQ(confidence(0, 0), 0.5);
  EXPECT_EQ(confidence(1e-300, 0), 1);
}

}  // namespace patchcore
