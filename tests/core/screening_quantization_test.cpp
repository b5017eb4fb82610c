// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the bound of the screened search: whatever is rounded, no row within the distance has a
// sum above the limit, and hardly a row far beyond it has one below.
#include "core/screening_quantization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr std::int32_t largest_limit = std::numeric_limits<std::int32_t>::max() - 1;

/// The sum as the kernels give it, without one.
double sum_of(const ScreeningWords& words, const std::vector<std::uint32_t>& query,
              const std::vector<std::uint32_t>& row, std::int32_t offset) {
  double sum = offset;
  for (std::size_t i = 0; i < words.count(); ++i) {
    if (i < words.pairs) {
      for (const int shift : {0, 16}) {
        sum += static_cast<double>(static_cast<std::int16_t>(query[i] >> shift)) *
               static_cast<std::int16_t>(row[i] >> shift);
      }
      continue;
    }
    for (const int shift : {0, 8, 16, 24}) {
      sum +=
          static_cast<std::int8_t>(query[i] >> shift) * static_cast<std::uint8_t>(row[i] >> shift);
    }
  }
  return sum;
}

double distance_of(const float* a, const float* b, std::size_t length) {
  double sum = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const double difference = double{a[i]} - b[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

struct PackedRows {
  PackedRows(const PatchMatrix& z, bool with_quads)
      : quantization(make(z, with_quads)), words(z.rows) {
    for (std::size_t i = 0; i < z.rows; ++i) {
      words[i].resize(quantization.words().count());
      const auto packed = quantization.pack_row(z.row(i), words[i].data(), 1);
      offsets.push_back(packed.offset);
      error = std::max(error, packed.error);
    }
  }

  static ScreeningQuantization make(const PatchMatrix& z, bool with_quads) {
    const ScreeningWords words = ScreeningQuantization::words_for(z.columns, with_quads);
    ScreeningQuantization::Range range;
    for (std::size_t i = 0; i < z.rows; ++i) range.include(z.row(i), z.columns, words);
    return ScreeningQuantization(z.columns, words, range);
  }

  ScreeningQuantization quantization;
  std::vector<std::vector<std::uint32_t>> words;
  std::vector<std::int32_t> offsets;
  double error = 0;
};

/// For each pair with its own distance as the limit's, and with one that is a little shorter.
/// @return the share of pairs that the shorter one rules out
double expect_bound(const PatchMatrix& rows, const PatchMatrix& queries, bool with_quads) {
  const PackedRows packed(rows, with_quads);
  const ScreeningQuantization& quantization = packed.quantization;
  std::vector<std::uint32_t> query(quantization.words().count());
  std::size_t ruled_out = 0;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    const auto code = quantization.pack_query(queries.row(q), query.data(), 1);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      const double distance = distance_of(queries.row(q), rows.row(i), rows.columns);
      const double sum = sum_of(quantization.words(), query, packed.words[i], packed.offsets[i]);
      EXPECT_LT(std::abs(sum), 0x1p31);
      EXPECT_LE(sum, quantization.largest_sum(code, distance, packed.error))
          << "query " << q << ", row " << i << ", distance " << distance;
      if (sum > quantization.largest_sum(code, 0.5 * distance, packed.error)) ++ruled_out;
    }
  }
  return static_cast<double>(ruled_out) / static_cast<double>(rows.rows * queries.rows);
}

void expect_bound(const PatchMatrix& rows, const PatchMatrix& queries) {
  for (const bool with_quads : {false, true}) {
    SCOPED_TRACE(with_quads ? "with quads" : "pairs");
    expect_bound(rows, queries, with_quads);
  }
}

PatchMatrix scaled(PatchMatrix patches, float by) {
  for (float& value : patches.values) value *= by;
  return patches;
}

/// As the search's coordinates are: shorter and shorter, the last one positive.
PatchMatrix falling(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  PatchMatrix z = test::random_patches(rows, columns, seed);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) z.row(i)[j] /= static_cast<float>(1 + j);
    z.row(i)[columns - 1] = std::abs(z.row(i)[columns - 1]);
  }
  return z;
}

}  // namespace

TEST(ScreeningQuantization, PutsAllValuesIntoWords) {
  for (std::size_t length = 1; length < 70; ++length) {
    for (const bool with_quads : {false, true}) {
      const ScreeningWords words = ScreeningQuantization::words_for(length, with_quads);
      const std::size_t full = ScreeningQuantization::full_length(length, with_quads);
      EXPECT_EQ(full, 2 * words.pairs + 4 * words.quads);
      EXPECT_GE(full, length);
      EXPECT_EQ(ScreeningQuantization::words_for(full, with_quads).count(), words.count());
      EXPECT_LT(ScreeningQuantization::words_for(length - 1, with_quads).count(),
                words.count() + 1);
      EXPECT_EQ(words.quads > 0, with_quads && length > 8);
    }
  }
  EXPECT_EQ(ScreeningQuantization::words_for(40, true).count(), 12U);
  EXPECT_EQ(ScreeningQuantization::words_for(40, false).count(), 20U);
}

TEST(ScreeningQuantization, NeverPassesOverARowWithinTheDistance) {
  for (const std::size_t length : {1U, 2U, 7U, 8U, 9U, 13U, 40U, 98U}) {
    SCOPED_TRACE(length);
    expect_bound(falling(120, length, 1), falling(40, length, 2));
    expect_bound(test::random_patches(120, length, 1), test::random_patches(40, length, 2));
  }
}

// Or it would be of no use.
TEST(ScreeningQuantization, RulesOutRowsFartherAway) {
  for (const bool with_quads : {false, true}) {
    EXPECT_GT(expect_bound(falling(120, 40, 1), falling(40, 40, 2), with_quads), 0.99);
  }
}

// Where each value is half a unit away from the nearest whole number, and all on the same side.
TEST(ScreeningQuantization, AllowsForTheLargestErrors) {
  for (const std::size_t length : {12U, 40U}) {
    PatchMatrix rows{300, length, std::vector<float>(300 * length)};
    PatchMatrix queries = rows;
    for (std::size_t i = 0; i < rows.rows; ++i) {
      for (std::size_t j = 0; j < length; ++j) {
        // The first row makes the unit 1 in quads; in pairs it is finer.
        rows.row(i)[j] = i == 0 ? 127 : static_cast<float>(i % 100) + 0.5F;
        queries.row(i)[j] = static_cast<float>(i % 90) - 0.5F;
        if ((i + j) % 3 == 0) queries.row(i)[j] = std::nextafter(queries.row(i)[j], 0.0F);
      }
    }
    expect_bound(rows, queries);
  }
}

TEST(ScreeningQuantization, AllowsForQueriesOutsideOfTheBank) {
  const PatchMatrix rows = falling(100, 40, 1);
  for (const float factor : {3.0F, 10.0F, 100.0F, 1e6F, 1e18F}) {
    expect_bound(rows, scaled(test::random_patches(40, 40, 2), factor));
    // Where each value reaches farther.
    expect_bound(falling(100, 5, 1), scaled(test::random_patches(40, 5, 2), factor));
  }
  // Along single coordinates, one of them that lies in a quad.
  PatchMatrix queries = falling(40, 40, 3);
  for (std::size_t i = 0; i < 40; ++i) queries.row(i)[i] = i % 2 == 0 ? 50.0F : -50.0F;
  expect_bound(rows, queries);
}

// What is left out then decides: a query so far outside is near to no row.
TEST(ScreeningQuantization, RulesAllRowsOutThatTheBoxIsTooFarFrom) {
  const PackedRows packed(falling(50, 40, 1), true);
  const PatchMatrix query = scaled(falling(1, 40, 2), 1e4F);
  std::vector<std::uint32_t> words(packed.quantization.words().count());
  const auto code = packed.quantization.pack_query(query.row(0), words.data(), 1);
  EXPECT_GT(code.squared_excess, 0);
  EXPECT_EQ(packed.quantization.largest_sum(code, 0.1, packed.error),
            std::numeric_limits<std::int32_t>::min());
}

TEST(ScreeningQuantization, AllowsForOneRowFarAway) {
  PatchMatrix rows = falling(100, 40, 1);
  for (const float far : {1e3F, 1e9F, 1e18F}) {
    for (const std::size_t column : {0U, 20U, 39U}) {
      PatchMatrix with_outlier = rows;
      with_outlier.row(50)[column] = far;
      expect_bound(with_outlier, falling(40, 40, 2));
    }
  }
}

TEST(ScreeningQuantization, AllowsForTheSmallestNumbers) {
  for (const float factor : {1e-20F, 1e-38F, 1e-42F, 0.0F}) {
    const PatchMatrix rows = scaled(falling(60, 20, 1), factor);
    expect_bound(rows, scaled(falling(20, 20, 2), factor));
    expect_bound(rows, falling(20, 20, 2));
  }
}

// As many values as no bank will have: their sums fit all the same.
TEST(ScreeningQuantization, KeepsSumsIn32Bits) {
  for (const std::size_t length : {257U, 1025U, 5000U}) {
    PatchMatrix rows{3, length, std::vector<float>(3 * length, 1)};
    PatchMatrix queries{3, length, std::vector<float>(3 * length, -1e6F)};
    for (std::size_t i = 0; i < length; ++i) {
      rows.row(1)[i] = -1;
      queries.row(1)[i] = 1e6F;
      queries.row(2)[i] = 0.5F;
    }
    expect_bound(rows, queries);
  }
}

TEST(ScreeningQuantization, LimitsNothingAtAnInfiniteDistance) {
  const PackedRows packed(falling(50, 40, 1), true);
  std::vector<std::uint32_t> words(packed.quantization.words().count());
  const PatchMatrix query = falling(1, 40, 2);
  const auto code = packed.quantization.pack_query(query.row(0), words.data(), 1);
  EXPECT_EQ(packed.quantization.largest_sum(code, std::numeric_limits<double>::infinity(), 0),
            largest_limit);
  EXPECT_EQ(packed.quantization.largest_sum(code, 1e30, 0), largest_limit);
}

}  // namespace patchcore
