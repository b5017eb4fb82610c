// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patch matrices for tests: random ones and small ones written out.
#include "tests/support/patch_matrices.h"

#include <random>

namespace patchcore::test {

PatchMatrix random_patches(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  PatchMatrix matrix{rows, columns, std::vector<float>(rows * columns)};
  for (float& value : matrix.values) {
    value = static_cast<float>(static_cast<double>(random() >> 11U) * 0x1p-52 - 1);
  }
  return matrix;
}

PatchMatrix clustered_patches(std::size_t rows, std::size_t columns, std::size_t clusters,
                              std::uint64_t seed) {
  constexpr float spread = 0.1F;
  const PatchMatrix centres = random_patches(clusters, columns, 0);
  PatchMatrix patches = random_patches(rows, columns, seed);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i) {
      patches.row(row)[i] = centres.row(row % clusters)[i] + spread * patches.row(row)[i];
    }
  }
  return patches;
}

PatchMatrix patches_of(const std::vector<std::vector<float>>& rows) {
  PatchMatrix matrix{rows.size(), rows.front().size(), {}};
  for (const std::vector<float>& row : rows) {
    matrix.values.insert(matrix.values.end(), row.begin(), row.end());
  }
  return matrix;
}

}  // namespace patchcore::test
