// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the random projection: distances nearly kept, and the same numbers for the same seed.
#include "core/random_projection.h"

#include <gtest/gtest.h>

#include "core/distances.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

TEST(RandomProjection, NearlyKeepsDistances) {
  const PatchMatrix points = test::random_patches(40, 600, 1);
  const PatchMatrix projected = project_randomly(points, 256, 7);
  ASSERT_EQ(projected.rows, 40U);
  ASSERT_EQ(projected.columns, 256U);
  for (std::size_t i = 1; i < points.rows; ++i) {
    const float before = row_distance(points.row(0), points.row(i), 600);
    EXPECT_NEAR(row_distance(projected.row(0), projected.row(i), 256), before, 0.2 * before);
  }
}

TEST(RandomProjection, DependsOnTheSeedAlone) {
  const PatchMatrix points = test::random_patches(5, 40, 1);
  EXPECT_EQ(project_randomly(points, 8, 1).values, project_randomly(points, 8, 1).values);
  EXPECT_NE(project_randomly(points, 8, 1).values, project_randomly(points, 8, 2).values);
}

TEST(RandomProjection, ProjectsEqualRowsEqually) {
  // Duplicates must stay duplicates, also across the steps of different matrices.
  PatchMatrix points = test::random_patches(1, 152, 1);
  points.values.insert(points.values.end(), points.values.begin(), points.values.begin() + 152);
  points.rows = 2;
  const PatchMatrix projected = project_randomly(points, 128, 3);
  EXPECT_EQ(row_distance(projected.row(0), projected.row(1), 128), 0);
}

}  // namespace patchcore
