// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects which rows of a patch matrix are copied, and their order.
#include "core/patch_matrix.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

using Values = std::vector<float>;

const PatchMatrix matrix = test::patches_of({{0, 1}, {2, 3}, {4, 5}});

}  // namespace

TEST(PatchMatrixRows, AreCopiedFromOneOn) {
  const PatchMatrix rows = copy_rows(matrix, 1, 2);
  EXPECT_EQ(rows.rows, 2U);
  EXPECT_EQ(rows.columns, 2U);
  EXPECT_EQ(rows.values, (Values{2, 3, 4, 5}));
  EXPECT_EQ(copy_rows(matrix, 3, 0).rows, 0U);
}

TEST(PatchMatrixRows, ArePickedInTheOrderOfTheirNumbers) {
  const PatchMatrix rows = pick_rows(matrix, std::vector<std::int64_t>{2, 0, 2});
  EXPECT_EQ(rows.rows, 3U);
  EXPECT_EQ(rows.values, (Values{4, 5, 0, 1, 4, 5}));
  const PatchMatrix none = pick_rows(matrix, std::vector<std::size_t>());
  EXPECT_EQ(none.rows, 0U);
  EXPECT_EQ(none.columns, 2U);
}

TEST(PatchMatrixRows, AreAppended) {
  PatchMatrix target = matrix;
  append_rows(target, test::patches_of({{6, 7}, {8, 9}}));
  append_rows(target, matrix.row(1), 1);
  EXPECT_EQ(target.rows, 6U);
  EXPECT_EQ(target.values, (Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3}));
  append_rows(target, PatchMatrix{0, 2, {}});
  EXPECT_EQ(target.rows, 6U);
}

}  // namespace patchcore
