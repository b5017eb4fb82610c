// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects where greedy selection starts: norms and means of distances as the published code
// defines them, found without all pairs.
#include "core/anchor_distances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/distances.h"
#include "core/error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

TEST(DistanceNorms, AreTheNormsOfTheRowsOfTheDistanceMatrix) {
  PatchMatrix points = test::random_patches(60, 19, 1);
  for (float& value : points.values) value += 3;
  const std::vector<float> norms = distance_norms(points);
  for (std::size_t i = 0; i < points.rows; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < points.rows; ++j) {
      sum += std::pow(row_distance(points.row(i), points.row(j), 19), 2);
    }
    EXPECT_NEAR(norms[i], std::sqrt(sum), 1e-5 * std::sqrt(sum));
  }
}

TEST(DistanceNorms, OfASinglePointAreZero) {
  EXPECT_EQ(distance_norms(test::patches_of({{5, 6}})), std::vector<float>{0});
}

TEST(MeanDistances, AreTakenOverTheStarts) {
  const PatchMatrix points = test::patches_of({{0, 0}, {3, 4}, {6, 8}});
  EXPECT_EQ(mean_distances(points, {0, 2}), (std::vector<float>{5, 5, 5}));
  EXPECT_EQ(mean_distances(points, {1}), (std::vector<float>{5, 0, 5}));
}

TEST(NearestDistances, AreZeroForMembersAndRightForOthers) {
  const PatchMatrix references = test::patches_of({{0, 0}, {6, 8}});
  const PatchMatrix points = test::patches_of({{6, 8}, {3, 4}, {0, -2}});
  EXPECT_EQ(nearest_distances(points, references), (std::vector<float>{0, 5, 2}));
}

TEST(NearestDistances, AreTheSameInStepsAndTellHowFarTheyAre) {
  const PatchMatrix points = test::random_patches(20'000, 3, 5);
  const PatchMatrix references = test::random_patches(7, 3, 6);
  std::vector<double> shares;
  const std::vector<float> nearest =
      nearest_distances(points, references, [&](double share) { shares.push_back(share); });
  EXPECT_GT(shares.size(), 1U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.back(), 1);
  for (const std::size_t row : {0U, 8191U, 8192U, 19'999U}) {
    float expected = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < references.rows; ++i) {
      expected = std::min(expected, row_distance(points.row(row), references.row(i), 3));
    }
    EXPECT_EQ(nearest[row], expected) << row;
  }
}

TEST(NearestDistances, RefuseFeaturesThatAreNotFinite) {
  const PatchMatrix good = test::patches_of({{0, 0}});
  const PatchMatrix bad = test::patches_of({{std::numeric_limits<float>::quiet_NaN(), 0}});
  EXPECT_THROW(nearest_distances(bad, good), Error);
  EXPECT_THROW(nearest_distances(good, bad), Error);
}

}  // namespace patchcore
