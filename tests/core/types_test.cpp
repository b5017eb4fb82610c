// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the meaning of the relative score: 1 is the boundary, whatever the scale.
#include "core/types.h"

#include <gtest/gtest.h>

#include <cmath>

namespace patchcore {

TEST(RelativeScore, IsOneAtTheThreshold) {
  EXPECT_DOUBLE_EQ(relative_score(0.25, 0.25), 1);
  EXPECT_DOUBLE_EQ(relative_score(0.5, 0.25), 2);
}

TEST(RelativeScore, HasNoNotANumberAtThresholdZero) {
  EXPECT_EQ(relative_score(0, 0), 0);
  EXPECT_TRUE(std::isinf(relative_score(1, 0)));
}

}  // namespace patchcore
