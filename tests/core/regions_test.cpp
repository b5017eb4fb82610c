// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects where and how large a defect is reported.
#include "core/regions.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

/// 4 x 3 patches over a frame part of 80 x 60 pixels that begins at (10, 5).
constexpr Rect inspected = {10, 5, 80, 60};

ScoreMap make_map(std::vector<float> values) {
  return {3, 4, std::move(values)};
}

}  // namespace

TEST(FindRegions, FindsNothingBelowTheThreshold) {
  EXPECT_TRUE(find_regions(make_map(std::vector<float>(12, 0.9F)), inspected, 1, 0).empty());
}

TEST(FindRegions, CountsAPatchAtTheThreshold) {
  std::vector<float> values(12, 0);
  values[6] = 1;
  const auto regions = find_regions(make_map(values), inspected, 1, 0);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].box.x, 10 + 40);
  EXPECT_EQ(regions[0].box.y, 5 + 20);
  EXPECT_EQ(regions[0].box.width, 20);
  EXPECT_EQ(regions[0].box.height, 20);
  EXPECT_DOUBLE_EQ(regions[0].area, 400);
  EXPECT_DOUBLE_EQ(regions[0].peak, 1);
  EXPECT_EQ(regions[0].peak_x, 10 + 50);
  EXPECT_EQ(regions[0].peak_y, 5 + 30);
}

TEST(FindRegions, JoinsDiagonalNeighboursAndKeepsOthersApart) {
  const auto regions = find_regions(make_map({2, 0, 0, 5,  //
                                              0, 3, 0, 0,  //
                                              0, 0, 0, 0}),
                                    inspected, 1, 0);
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_DOUBLE_EQ(regions[0].peak, 5) << "largest peak first";
  EXPECT_DOUBLE_EQ(regions[1].peak, 3);
  EXPECT_DOUBLE_EQ(regions[1].area, 800);
}

TEST(FindRegions, DropsSmallOnes) {
  const ScoreMap map = make_map({2, 2, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(find_regions(map, inspected, 1, 401).size(), 1U);
  EXPECT_EQ(find_regions(map, inspected, 1, 801).size(), 0U);
}

TEST(FindRegions, StaysInsideTheFrameWhereCellsAreNoWholePixels) {
  const auto regions = find_regions({3, 3, std::vector<float>(9, 1)}, Rect{0, 0, 100, 100}, 1, 0);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].box.width, 100);
  EXPECT_EQ(regions[0].box.height, 100);
}

TEST(FindRegions, AnswersAnEmptyMapWithNothing) {
  EXPECT_TRUE(find_regions({}, inspected, 1, 0).empty());
}

}  // namespace patchcore
