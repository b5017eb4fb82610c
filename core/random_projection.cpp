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

PatchMatrix project_randomly(const PatchMatrix& points, int columns, std::uint64_t seed) {
  const auto width = static_cast<std::size_t>(columns);
  // The engine's numbers are defined by the standard, those of its distributions are not.
  std::mt19937_64 random(seed);
  const double half_range = std::sqrt(3.0 / columns);
  std::vector<float> matrix(points.columns * width);
  for (float& entry : matrix) {
    const double unit = static_cast<double>(random() >> 11U) * 0x1p-53;
    entry = static_cast<float>((2 * unit - 1) * half_range);
  }

  PatchMatrix result{points.rows, width, std::vector<float>(points.rows * width)};
  // In steps, as the number of rows need not fit the integers of every BLAS.
  constexpr std::size_t rows_per_step = 1U << 16U;
  for (std::size_t first = 0; first < points.rows; first += rows_per_step) {
    const std::size_t rows = std::min(rows_per_step, points.rows - first);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<blasint>(rows),
                static_cast<blasint>(width), static_cast<blasint>(points.columns), 1,
                points.row(first), static_cast<blasint>(points.columns), matrix.data(),
                static_cast<blasint>(width), 0, result.row(first), static_cast<blasint>(width));
  }
  return result;
}

}  // namespace patchcore
