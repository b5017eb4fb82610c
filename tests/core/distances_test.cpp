// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the exactness of distances: the matrix product may only save work, never change a
// result, and equal rows are at distance zero however far they lie from the origin.
#include "core/distances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

namespace {

std::vector<float> shrunk(const PatchMatrix& points, const PatchMatrix& references, float bound) {
  const std::vector<float> norms = squared_norms(points);
  const std::vector<float> reference_norms = squared_norms(references);
  std::vector<float> bounds(points.rows, bound);
  std::vector<float> products;
  shrink_bounds({points.values.data(), norms.data(), points.rows}, bounds.data(),
                {references.values.data(), reference_norms.data(), references.rows}, points.columns,
                products);
  return bounds;
}

std::vector<float> shrunk_directly(const PatchMatrix& points, const PatchMatrix& references,
                                   float bound) {
  std::vector<float> bounds(points.rows, bound);
  for (std::size_t i = 0; i < points.rows; ++i) {
    for (std::size_t j = 0; j < references.rows; ++j) {
      bounds[i] =
          std::min(bounds[i], row_distance(points.row(i), references.row(j), points.columns));
    }
  }
  return bounds;
}

}  // namespace

TEST(RowDistance, AgreesWithDoublePrecisionForAnyNumberOfColumns) {
  for (const std::size_t columns : {1U, 2U, 15U, 16U, 17U, 152U, 1024U}) {
    const PatchMatrix m = test::random_patches(2, columns, columns);
    double sum = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      sum += std::pow(static_cast<double>(m.row(0)[i]) - m.row(1)[i], 2);
    }
    EXPECT_NEAR(row_distance(m.row(0), m.row(1), columns), std::sqrt(sum), 1e-6 * std::sqrt(sum));
    EXPECT_NEAR(squared_row_distance(m.row(0), m.row(1), columns), sum, 1e-6 * sum);
  }
}

TEST(RowDistance, OfEqualRowsIsZero) {
  const PatchMatrix m = test::random_patches(1, 152, 1);
  EXPECT_EQ(row_distance(m.row(0), m.row(0), 152), 0);
}

TEST(SquaredNorms, RefuseWhatIsNotFinite) {
  EXPECT_EQ(squared_norms(test::patches_of({{3, 4}, {0, 0}})), (std::vector<float>{25, 0}));
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e30F}) {
    EXPECT_THROW(squared_norms(test::patches_of({{1, 2}, {value, 0}})), Error) << value;
  }
}

TEST(ShrinkBounds, FindsExactlyTheDistancesOfTheDirectSearch) {
  // More than a block in both directions, and odd sizes.
  const PatchMatrix points = test::random_patches(1100, 37, 1);
  const PatchMatrix references = test::random_patches(1030, 37, 2);
  EXPECT_EQ(shrunk(points, references, 100), shrunk_directly(points, references, 100));
  EXPECT_EQ(shrunk(points, references, 2.6F), shrunk_directly(points, references, 2.6F));
}

TEST(ShrinkBounds, IsExactForASingleReference) {
  const PatchMatrix points = test::random_patches(1100, 37, 1);
  const PatchMatrix reference = test::random_patches(1, 37, 3);
  EXPECT_EQ(shrunk(points, reference, 5), shrunk_directly(points, reference, 5));
}

TEST(ShrinkBounds, IsExactFarFromTheOrigin) {
  // Here |a|^2 + |b|^2 - 2ab alone would be wrong by more than the distances.
  PatchMatrix points = test::random_patches(200, 16, 1);
  PatchMatrix references = test::random_patches(50, 16, 2);
  for (float& value : points.values) value = 1000 + 0.01F * value;
  for (float& value : references.values) value = 1000 + 0.01F * value;
  EXPECT_EQ(shrunk(points, references, 1), shrunk_directly(points, references, 1));
}

TEST(ShrinkBounds, OfDuplicatesAreZero) {
  PatchMatrix points = test::random_patches(100, 16, 1);
  for (float& value : points.values) value += 100;
  EXPECT_EQ(shrunk(points, points, 1), std::vector<float>(100, 0));
}

TEST(ShrinkBounds, LeavesBoundsThatAreSmallerAlready) {
  const PatchMatrix points = test::random_patches(10, 16, 1);
  EXPECT_EQ(shrunk(points, test::random_patches(10, 16, 2), 0.001F),
            std::vector<float>(10, 0.001F));
}

TEST(RoundingDistance, IsAThousandthOfTheUsualLength) {
  EXPECT_DOUBLE_EQ(rounding_distance({2, 2, {3, 4, 0, 5}}), 0.005);
  EXPECT_EQ(rounding_distance({1, 2, {0, 0}}), 0);
  EXPECT_EQ(rounding_distance({0, 2, {}}), 0);
}

}  // namespace patchcore
