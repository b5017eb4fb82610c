// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects packing: half the memory, features rounded and never worse, the sampler's picks the
// same.
#include "core/patch_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/coreset.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/patch_matrices.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

using Picks = std::vector<std::int64_t>;

CoresetOptions projected_to(int dimension, SamplerKind sampler = SamplerKind::approximate_greedy) {
  CoresetOptions options;
  options.sampler = sampler;
  options.projection_dimension = dimension;
  return options;
}

PatchMatrix part_of(const PatchMatrix& patches, std::size_t first, std::size_t count) {
  return PatchRows(patches).features(first, count);
}

/// The first half packed at once, the rest appended in frames of 49 patches.
PatchRows packed_bit_by_bit(const PatchMatrix& patches, const CoresetOptions& options) {
  const std::size_t half = patches.rows / 2;
  PatchRows rows(part_of(patches, 0, half));
  rows.pack(options, 0);
  for (std::size_t first = half; first < patches.rows; first += 49) {
    rows.append(part_of(patches, first, std::min<std::size_t>(49, patches.rows - first)));
  }
  return rows;
}

void expect_rounded(const PatchMatrix& found, const PatchMatrix& truth) {
  ASSERT_EQ(found.rows, truth.rows);
  ASSERT_EQ(found.columns, truth.columns);
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    ASSERT_NEAR(found.values[i], truth.values[i],
                std::ldexp(std::abs(truth.values[i]), -11) + std::ldexp(1, -25));
  }
}

}  // namespace

TEST(PatchRows, UnpackedGiveBackWhatTheyGot) {
  const PatchMatrix patches = test::random_patches(50, 7, 1);
  PatchRows rows;
  rows.append(part_of(patches, 0, 20));
  rows.append(part_of(patches, 20, 30));
  EXPECT_EQ(rows.features().values, patches.values);
  EXPECT_EQ(rows.features(49, 1).values, part_of(patches, 49, 1).values);
  EXPECT_EQ(rows.bytes(), 50 * 7 * sizeof(float));
  EXPECT_FALSE(rows.packed());
  EXPECT_EQ(rows.points({1, 2}).rows, 0U);
}

TEST(PatchRows, PackedAreHalfAsLargeAndRounded) {
  for (const std::size_t columns : {40U, 41U}) {
    const PatchMatrix patches = test::random_patches(500, columns, 1);
    const CoresetOptions options = projected_to(8);
    const PatchRows rows = packed_bit_by_bit(patches, options);
    EXPECT_TRUE(rows.packed());
    EXPECT_EQ(rows.columns(), columns);
    EXPECT_EQ(rows.bytes(), 500 * ((columns + 1) / 2 + 8) * sizeof(float));
    EXPECT_EQ(rows.bytes(), 500 * PatchRows::packed_row_bytes(columns, options));
    expect_rounded(rows.features(), patches);
    expect_rounded(rows.features(Picks{499, 0}), PatchRows(patches).features(Picks{499, 0}));
  }
}

TEST(PatchRows, PackingMovesNoPick) {
  use_threads(0);
  const PatchMatrix patches = test::random_patches(4000, 152, 1);
  const PatchMatrix others = test::random_patches(300, 152, 2);
  for (const SamplerKind sampler : {SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    const CoresetOptions options = projected_to(128, sampler);
    const PatchRows rows = packed_bit_by_bit(patches, options);
    EXPECT_EQ(rows.select(0, 4000, 1000, options, {}), select_coreset(patches, 1000, options));
    EXPECT_EQ(rows.select(1000, 2000, 500, options, {}),
              select_coreset(part_of(patches, 1000, 2000), 500, options));
    const PatchRows chosen = packed_bit_by_bit(others, options);
    const Picks first_ones = {0, 7, 299};
    EXPECT_EQ(rows.extend(chosen.features(first_ones), chosen.points(first_ones), 200, options, {}),
              extend_coreset(PatchRows(others).features(first_ones), patches, 200, options));
  }
}

TEST(PatchRows, PackingMovesNoPickOfRealFeatures) {
  PATCHCORE_SHARED_FILE_OR_SKIP(path, "golden/coreset.safetensors");
  use_threads(0);
  const StoredTensor features = read_safetensors(path).tensors.at("features");
  const PatchMatrix patches = {static_cast<std::size_t>(features.shape[0]),
                               static_cast<std::size_t>(features.shape[1]), features.to_floats()};
  for (const SamplerKind sampler : {SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    const CoresetOptions options = projected_to(64, sampler);
    EXPECT_EQ(packed_bit_by_bit(patches, options).select(0, patches.rows, 1000, options, {}),
              select_coreset(patches, 1000, options));
  }
}

TEST(PatchRows, MovesAndDropsFeaturesWithTheirPoints) {
  const PatchMatrix patches = test::random_patches(10, 6, 1);
  const CoresetOptions options = projected_to(3);
  PatchRows rows = packed_bit_by_bit(patches, options);
  PatchRows kept;
  kept.append(rows, 4, 3);
  EXPECT_TRUE(kept.packed());
  rows.move(4, 1, 3);
  rows.truncate(4);
  EXPECT_EQ(rows.rows(), 4U);
  EXPECT_EQ(rows.features(1, 3).values, kept.features().values);
  EXPECT_EQ(rows.points({1, 2, 3}).values, kept.points({0, 1, 2}).values);
  expect_rounded(kept.features(), part_of(patches, 4, 3));
  kept.append(part_of(patches, 9, 1));
  expect_rounded(kept.features(3, 1), part_of(patches, 9, 1));
}

TEST(PatchRows, SaturateWhatIsTooLargeForAHalf) {
  PatchRows rows(test::patches_of({{1e6F, -1e6F, 1}}));
  rows.pack(projected_to(2), 1);
  EXPECT_EQ(rows.features().values, (std::vector<float>{65504, -65504, 1}));
}

TEST(PatchRows, CanBePackedWhereTheSamplerSeesAProjection) {
  EXPECT_TRUE(PatchRows::can_be_packed(152, projected_to(128)));
  EXPECT_FALSE(PatchRows::can_be_packed(128, projected_to(128)));
  EXPECT_FALSE(PatchRows::can_be_packed(152, projected_to(0)));
  EXPECT_FALSE(PatchRows::can_be_packed(152, projected_to(128, SamplerKind::random)));
  EXPECT_FALSE(PatchRows::can_be_packed(152, projected_to(128, SamplerKind::identity)));
}

}  // namespace patchcore
