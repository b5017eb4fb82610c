// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the coordinates of the screened search's bound: what they are, whatever the sizes.
#include "core/screening_projection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

/// By the definition, in double precision.
void expect_coordinates(std::size_t points, std::size_t columns, std::size_t count) {
  SCOPED_TRACE(testing::Message() << points << " x " << columns << ", " << count);
  const PatchMatrix patches = test::random_patches(points + 2, columns, 1);
  // Not orthonormal: the definition needs nothing of the kind.
  PatchMatrix directions = test::random_patches(count, columns, 2);
  for (float& value : directions.values) value /= std::sqrt(static_cast<float>(columns));
  const std::vector<float> mean = test::random_patches(1, columns, 3).values;
  const ScreeningProjection projection(directions, mean);
  ASSERT_EQ(projection.length(), count + 1);
  const auto found = projection.project(patches, 2, points);
  ASSERT_EQ(found.values.size(), points * (count + 1));
  for (std::size_t i = 0; i < points; ++i) {
    std::vector<double> rest(columns);
    double squared_length = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      rest[j] = double{patches.row(i + 2)[j]} - mean[j];
      squared_length += rest[j] * rest[j];
    }
    EXPECT_NEAR(found.lengths[i], std::sqrt(squared_length), 1e-5);
    std::vector<double> expected;
    for (std::size_t d = 0; d < count; ++d) {
      double sum = 0;
      for (std::size_t j = 0; j < columns; ++j)
        sum += directions.row(d)[j] * (double{patches.row(i + 2)[j]} - mean[j]);
      expected.push_back(sum);
    }
    for (std::size_t d = 0; d < count; ++d) {
      for (std::size_t j = 0; j < columns; ++j) rest[j] -= expected[d] * directions.row(d)[j];
    }
    double left_out = 0;
    for (const double value : rest) left_out += value * value;
    expected.push_back(std::sqrt(left_out));
    double z_squared = 0;
    for (std::size_t d = 0; d <= count; ++d) {
      EXPECT_NEAR(found.values[i * (count + 1) + d], expected[d], 1e-4);
      z_squared += expected[d] * expected[d];
    }
    EXPECT_NEAR(found.squared_lengths[i], z_squared, 1e-3 * (1 + z_squared));
  }
}

}  // namespace

// Around the sizes of blocks, tiles and chunks.
TEST(ScreeningProjection, GivesTheDefinition) {
  for (const std::size_t points : {1U, 7U, 24U, 25U, 61U}) {
    expect_coordinates(points, 40, 8);
    expect_coordinates(points, 33, 17);
  }
  expect_coordinates(9, 1, 1);
  expect_coordinates(9, 152, 64);
}

TEST(ScreeningProjection, OfNothingIsNothing) {
  const ScreeningProjection projection(test::random_patches(2, 5, 1), std::vector<float>(5));
  EXPECT_TRUE(projection.project(test::random_patches(1, 5, 2), 0, 0).values.empty());
}

}  // namespace patchcore
