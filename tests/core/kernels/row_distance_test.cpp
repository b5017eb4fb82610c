// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the distance of two rows: right, and the same bits whatever the machine has.
#include "core/kernels/row_distance.h"

#include <gtest/gtest.h>

#include "tests/support/patch_matrices.h"

namespace patchcore {

TEST(RowDistance, IsThatOfExactArithmetic) {
  for (const RowDistanceKernel& kernel : row_distance_kernels()) {
    for (const std::size_t columns : {1U, 3U, 15U, 16U, 17U, 31U, 152U, 1000U}) {
      SCOPED_TRACE(testing::Message() << kernel.instruction_set << " " << columns);
      const PatchMatrix rows = test::random_patches(2, columns, columns);
      double expected = 0;
      for (std::size_t i = 0; i < columns; ++i) {
        const double difference = static_cast<double>(rows.row(0)[i]) - rows.row(1)[i];
        expected += difference * difference;
      }
      EXPECT_NEAR(kernel.run(rows.row(0), rows.row(1), columns), expected, 1e-5 * expected);
      EXPECT_EQ(kernel.run(rows.row(0), rows.row(0), columns), 0);
    }
  }
}

TEST(RowDistance, IsTheSameToTheLastBitForEveryInstructionSet) {
  const RowDistanceKernel& plain = row_distance_kernels().front();
  for (std::size_t columns = 1; columns < 200; ++columns) {
    const PatchMatrix rows = test::random_patches(2, columns, 1000 + columns);
    const float expected = plain.run(rows.row(0), rows.row(1), columns);
    for (const RowDistanceKernel& kernel : row_distance_kernels()) {
      EXPECT_EQ(kernel.run(rows.row(0), rows.row(1), columns), expected)
          << kernel.instruction_set << " " << columns;
    }
  }
}

}  // namespace patchcore
