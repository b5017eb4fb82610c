// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Random projection to fewer dimensions that nearly keeps distances (Johnson and Lindenstrauss).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// A matrix for many projections.
class RandomProjection {
 public:
  /// @param from, to  dimensions
  RandomProjection(std::size_t from, int to, std::uint64_t seed);

  /// @param points         of `from` columns
  /// @param rows_per_step  of one matrix product; not every BLAS counts beyond 32 bits
  PatchMatrix project(const PatchMatrix& points, std::size_t rows_per_step = 1U << 16U) const;

 private:
  std::size_t from_;
  std::size_t to_;
  std::vector<float> matrix_;  ///< [from, to]
};

/// Multiplies each row by a random matrix whose entries are uniform with mean 0 and variance
/// 1 / @p columns, so that squared distances keep their expected value. The matrix depends on
/// @p columns, points.columns and @p seed only, on every machine.
/// @param columns  of the result, at least 1
PatchMatrix project_randomly(const PatchMatrix& points, int columns, std::uint64_t seed);

}  // namespace patchcore
