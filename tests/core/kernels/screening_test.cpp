// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the screening kernels: all of them compute what the plain loops below do.
#include "core/kernels/screening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace patchcore {
namespace {

constexpr std::int32_t below_all = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t above_all = std::numeric_limits<std::int32_t>::max();

/// Queries and rows of any bits, or whatever a test makes of them.
struct Packed {
  Packed(ScreeningWords word_counts, std::size_t query_groups, std::size_t row_panels)
      : words(word_counts),
        groups(query_groups),
        panels(row_panels),
        queries(groups * words.count() * queries_per_group),
        rows(panels * words.count() * rows_per_panel),
        offsets(panels * rows_per_panel) {
    std::mt19937 random(1);
    for (std::uint32_t& word : queries) word = static_cast<std::uint32_t>(random());
    for (std::uint32_t& word : rows) word = static_cast<std::uint32_t>(random());
    for (std::int32_t& offset : offsets) offset = static_cast<std::int32_t>(random() % 100000);
    // Pairs of any bits would not fit the sums: one in 64 is left of queries.
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (i / queries_per_group % words.count() >= words.pairs) continue;
      const std::uint32_t word = queries[i];
      queries[i] = half(word, 0) / 64 & 0xffff;
      queries[i] |= static_cast<std::uint32_t>(half(word, 1) / 64) << 16;
    }
  }

  static std::int32_t half(std::uint32_t word, int which) {
    return static_cast<std::int16_t>(word >> (16 * which));
  }

  const std::uint32_t* query(std::size_t q) const {
    return queries.data() + q / queries_per_group * words.count() * queries_per_group +
           q % queries_per_group;
  }

  const std::uint32_t* panel(std::size_t p) const {
    return rows.data() + p * words.count() * rows_per_panel;
  }

  /// By the definition.
  std::int32_t sum(std::size_t q, std::size_t row) const {
    std::int64_t sum = offsets[row];
    for (std::size_t i = 0; i < words.count(); ++i) {
      const std::uint32_t of_query = query(q)[i * queries_per_group];
      const std::uint32_t of_row =
          panel(row / rows_per_panel)[i * rows_per_panel + row % rows_per_panel];
      if (i < words.pairs) {
        for (const int which : {0, 1}) sum += half(of_query, which) * half(of_row, which);
        continue;
      }
      for (int shift = 0; shift < 32; shift += 8) {
        sum += static_cast<std::int8_t>(of_query >> shift) *
               static_cast<std::uint8_t>(of_row >> shift);
      }
    }
    EXPECT_GE(sum, below_all);
    EXPECT_LE(sum, above_all);
    return static_cast<std::int32_t>(sum);
  }

  ScreeningBlock block() const {
    return {queries.data(), groups, rows.data(), offsets.data(), panels, words};
  }

  ScreeningWords words;
  std::size_t groups;
  std::size_t panels;
  std::vector<std::uint32_t> queries;
  std::vector<std::uint32_t> rows;
  std::vector<std::int32_t> offsets;
};

void expect_rows(const ScreeningKernel& kernel, const Packed& packed, std::size_t q,
                 std::size_t panel, std::int32_t limit) {
  std::vector<ScreenedRow> found(rows_per_panel);
  found.resize(kernel.rows({packed.query(q), packed.panel(panel),
                            packed.offsets.data() + panel * rows_per_panel, packed.words},
                           limit, found.data()));
  auto next = found.begin();
  for (std::size_t i = 0; i < rows_per_panel; ++i) {
    const std::int32_t sum = packed.sum(q, panel * rows_per_panel + i);
    if (sum > limit) continue;
    ASSERT_NE(next, found.end());
    EXPECT_EQ(next->row, static_cast<std::int32_t>(i));
    EXPECT_EQ(next->sum, sum);
    ++next;
  }
  EXPECT_EQ(next, found.end());
}

void expect_plain_sums(const ScreeningKernel& kernel, const Packed& packed) {
  constexpr std::int32_t untouched = -12345;
  const std::size_t stride = packed.panels + 1;
  std::vector<std::int32_t> smallest(packed.groups * queries_per_group * stride, untouched);
  kernel.panels(packed.block(), smallest.data(), stride);
  for (std::size_t q = 0; q < packed.groups * queries_per_group; ++q) {
    for (std::size_t panel = 0; panel < packed.panels; ++panel) {
      std::vector<std::int32_t> sums;
      for (std::size_t i = 0; i < rows_per_panel; ++i) {
        sums.push_back(packed.sum(q, panel * rows_per_panel + i));
      }
      std::sort(sums.begin(), sums.end());
      EXPECT_EQ(smallest[q * stride + panel], sums.front());
      for (const std::int32_t limit :
           {below_all, sums[0] - 1, sums[0], sums[40], sums.back() - 1, sums.back(), above_all}) {
        expect_rows(kernel, packed, q, panel, limit);
      }
    }
    EXPECT_EQ(smallest[q * stride + packed.panels], untouched);
  }
}

}  // namespace

TEST(Screening, GivesTheSumsOfThePlainLoops) {
  ASSERT_FALSE(screening_kernels().empty());
  for (const ScreeningKernel& kernel : screening_kernels()) {
    for (const ScreeningWords words :
         {ScreeningWords{1, 0}, ScreeningWords{2, 0}, ScreeningWords{9, 0}, ScreeningWords{1, 1},
          ScreeningWords{4, 8}, ScreeningWords{0, 3}}) {
      for (const std::size_t groups : {1U, 2U}) {
        for (const std::size_t panels : {1U, 3U}) {
          SCOPED_TRACE(testing::Message()
                       << kernel.instruction_set << ", " << words.pairs << " pairs, " << words.quads
                       << " quads, " << groups << " groups, " << panels << " panels");
          expect_plain_sums(kernel, Packed(words, groups, panels));
        }
      }
    }
  }
}

// The instruction that adds two products of bytes to 16 bits would saturate.
TEST(Screening, AddsTheLargestValues) {
  for (const ScreeningKernel& kernel : screening_kernels()) {
    SCOPED_TRACE(kernel.instruction_set);
    Packed packed({2, 3}, 1, 1);
    for (const std::uint32_t query : {0x80808080U, 0x7f7f7f7fU}) {
      for (const std::uint32_t row : {0xffffffffU, 0U, 0x80ff7f00U}) {
        std::fill(packed.queries.begin(), packed.queries.end(), query);
        std::fill(packed.rows.begin(), packed.rows.end(), row);
        // -32768 and the like, twice in two words.
        std::fill_n(packed.queries.begin(), 2 * queries_per_group, 0x80007fffU);
        std::fill_n(packed.rows.begin(), 2 * rows_per_panel, 0x3fff4000U);
        expect_plain_sums(kernel, packed);
      }
    }
  }
}

// Rows that fill a panel up have the largest offset, those too long for a bound the smallest; both
// have words of zero, with which the sums stay there.
TEST(Screening, KeepsTheOffsetsOfRowsOfZero) {
  for (const ScreeningKernel& kernel : screening_kernels()) {
    SCOPED_TRACE(kernel.instruction_set);
    for (const std::int32_t offset : {below_all, above_all}) {
      Packed packed({1, 2}, 1, 1);
      for (const std::size_t row : {0U, 17U, 127U}) {
        for (std::size_t word = 0; word < 3; ++word) packed.rows[word * rows_per_panel + row] = 0;
        packed.offsets[row] = offset;
      }
      expect_plain_sums(kernel, packed);
      expect_rows(kernel, packed, 3, 0, above_all - 1);
    }
  }
}

}  // namespace patchcore
