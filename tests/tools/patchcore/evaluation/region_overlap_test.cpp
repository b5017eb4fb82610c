// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the integral of PRO.
#include "tools/patchcore/evaluation/region_overlap.h"

#include <gtest/gtest.h>

namespace patchcore {

TEST(RegionOverlap, IsOneWhereAllRegionsComeFirst) {
  RegionOverlap overlap(10, 2);
  overlap.add(0, 2);
  overlap.add(10, 0);
  EXPECT_DOUBLE_EQ(overlap.figure().value(), 1);
}

TEST(RegionOverlap, IsZeroWhereTheyComeBeyondTheLimit) {
  RegionOverlap overlap(10, 1);
  overlap.add(3, 0);
  overlap.add(0, 1);
  overlap.add(7, 0);
  EXPECT_DOUBLE_EQ(overlap.figure().value(), 0);
}

TEST(RegionOverlap, CutsTheStepThatCrossesTheLimit) {
  // From (0, 0.5) straight to (1, 1): at 0.3 it is 0.65.
  RegionOverlap overlap(10, 2);
  overlap.add(0, 1);
  overlap.add(10, 1);
  EXPECT_NEAR(overlap.figure().value(), (0.5 + 0.65) / 2, 1e-12);
}

TEST(RegionOverlap, OfOneScoreIsThatOfChance) {
  RegionOverlap overlap(10, 3);
  overlap.add(10, 3);
  EXPECT_NEAR(overlap.figure().value(), 0.15, 1e-12);
}

TEST(RegionOverlap, TakesAnotherLimit) {
  RegionOverlap overlap(4, 1, 0.5);
  overlap.add(1, 0.5);
  overlap.add(3, 0.5);
  // (0, 0) to (0.25, 0.5) to (1, 1), of which (0.5, 2/3) is the end.
  const double area = 0.25 * 0.25 + 0.25 * (0.5 + 2.0 / 3) / 2;
  EXPECT_NEAR(overlap.figure().value(), area / 0.5, 1e-12);
}

TEST(RegionOverlap, DoesNotExistWithoutRegionsOrNormalPixels) {
  RegionOverlap no_regions(10, 0);
  no_regions.add(10, 0);
  EXPECT_FALSE(no_regions.figure());
  RegionOverlap no_normal(0, 1);
  no_normal.add(0, 1);
  EXPECT_FALSE(no_normal.figure());
}

}  // namespace patchcore
