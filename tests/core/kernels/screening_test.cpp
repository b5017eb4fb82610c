// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the screening kernels: all of them compute what the plain loops below do.
#include "core/kernels/screening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

/// Whole numbers, whose sums are exact in any order.
std::vector<float> whole_numbers(std::size_t count, std::uint64_t seed) {
  std::vector<float> values = test::random_patches(1, count, seed).values;
  for (float& value : values) value = static_cast<float>(static_cast<int>(8 * value));
  return values;
}

/// Of all pairs, [queries, rows].
std::vector<float> plain_sums(const ScreeningBlock& block) {
  const std::size_t queries = block.groups * queries_per_group;
  const std::size_t rows = block.panels * rows_per_panel;
  std::vector<float> sums;
  for (std::size_t q = 0; q < queries; ++q) {
    const float* query = block.queries + q / queries_per_group * block.length * queries_per_group +
                         q % queries_per_group;
    for (std::size_t r = 0; r < rows; ++r) {
      const float* row =
          block.rows + r / rows_per_panel * block.length * rows_per_panel + r % rows_per_panel;
      float sum = block.offsets[r];
      for (std::size_t i = 0; i < block.length; ++i) {
        sum += query[i * queries_per_group] * row[i * rows_per_panel];
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

void expect_plain_sums(const ScreeningKernel& kernel, const ScreeningBlock& block) {
  const std::vector<float> expected = plain_sums(block);
  constexpr float untouched = -12345;
  const std::size_t stride = block.panels + 1;
  std::vector<float> smallest(block.groups * queries_per_group * stride, untouched);
  kernel.panels(block, smallest.data(), stride);
  auto next = expected.begin();
  for (std::size_t q = 0; q < block.groups * queries_per_group; ++q) {
    const float* query = block.queries + q / queries_per_group * block.length * queries_per_group +
                         q % queries_per_group;
    for (std::size_t panel = 0; panel < block.panels; ++panel) {
      const std::vector<float> of_panel(next, next + rows_per_panel);
      next += rows_per_panel;
      EXPECT_EQ(smallest[q * stride + panel], *std::min_element(of_panel.begin(), of_panel.end()));
      std::vector<float> sums(rows_per_panel);
      kernel.rows(query, block.rows + panel * block.length * rows_per_panel,
                  block.offsets + panel * rows_per_panel, block.length, sums.data());
      EXPECT_EQ(sums, of_panel);
    }
    EXPECT_EQ(smallest[q * stride + block.panels], untouched);
  }
}

}  // namespace

TEST(Screening, GivesTheSumsOfThePlainLoops) {
  ASSERT_FALSE(screening_kernels().empty());
  for (const ScreeningKernel& kernel : screening_kernels()) {
    for (const std::size_t length : {1U, 2U, 9U, 65U}) {
      for (const std::size_t groups : {1U, 2U, 5U}) {
        for (const std::size_t panels : {1U, 3U}) {
          SCOPED_TRACE(testing::Message() << kernel.instruction_set << ", length " << length << ", "
                                          << groups << " groups, " << panels << " panels");
          const auto queries = whole_numbers(groups * length * queries_per_group, 1);
          const auto rows = whole_numbers(panels * length * rows_per_panel, 2);
          const auto offsets = whole_numbers(panels * rows_per_panel, 3);
          expect_plain_sums(kernel,
                            {queries.data(), groups, rows.data(), offsets.data(), panels, length});
        }
      }
    }
  }
}

// Rows that fill a panel up have the offset infinity, those too long for a bound have the opposite.
TEST(Screening, TakesInfiniteOffsets) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> queries(queries_per_group, 1);
  const std::vector<float> rows(rows_per_panel, 1);
  std::vector<float> offsets(rows_per_panel, infinity);
  offsets[5] = 2;
  const ScreeningBlock block{queries.data(), 1, rows.data(), offsets.data(), 1, 1};
  for (const ScreeningKernel& kernel : screening_kernels()) {
    SCOPED_TRACE(kernel.instruction_set);
    for (const float offset : {infinity, -infinity}) {
      offsets[9] = offset;
      std::vector<float> smallest(queries_per_group);
      kernel.panels(block, smallest.data(), 1);
      EXPECT_EQ(smallest, std::vector<float>(queries_per_group, offset < 0 ? offset : 3));
    }
  }
}

}  // namespace patchcore
