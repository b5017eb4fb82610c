// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Random projection to fewer dimensions that nearly keeps distances (Johnson and Lindenstrauss).
#include "core/random_projection.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace patchcore {

RandomProjection::RandomProjection(std::size_t from, int to, std::uint64_t seed)
    : from_(from), to_(static_cast<std::size_t>(to)), matrix_(from_ * to_) {
  // The engine's numbers are defined by the standard, those of its distributions are not.
  std::mt19937_64 random(seed);
  const double half_range = std::sqrt(3.0 / to);
  for (float& entry : matrix_) {
    const double unit = static_cast<double>(random() >> 11U) * 0x1p-53;
    entry = static_cast<float>((2 * unit - 1) * half_range);
  }
}

PatchMatrix RandomProjection::project(const PatchMatrix& points, std::size_t rows_per_step) const {
  PatchMatrix result{points.rows, to_, std::vector<float>(points.rows * to_)};
  for (std::size_t first = 0; first < points.rows; first += rows_per_step) {
    const std::size_t rows = std::min(rows_per_step, points.rows - first);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<blasint>(rows),
                static_cast<blasint>(to_), static_cast<blasint>(from_), 1, points.row(first),
                static_cast<blasint>(from_), matrix_.data(), static_cast<blasint>(to_), 0,
                result.row(first), static_cast<blasint>(to_));
  }
  return result;
}

PatchMatrix project_randomly(const PatchMatrix& points, int columns, std::uint64_t seed) {
  return RandomProjection(points.columns, columns, seed).project(points);
}

}  // namespace patchcore
