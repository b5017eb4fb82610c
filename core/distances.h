// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// L2 distances between rows, exact where they matter and by matrix product where they don't.
#pragma once

#include <cstddef>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// The L2 distance of two rows, summed term by term in a fixed order: zero for equal rows, and the
/// same on every machine and with any number of threads.
float row_distance(const float* a, const float* b, std::size_t columns);

/// Its square.
float squared_row_distance(const float* a, const float* b, std::size_t columns);

/// The squared L2 norm of one row, summed in double precision in a fixed order.
double squared_norm(const float* row, std::size_t columns);

/// The squared L2 norm of each row.
/// @throws Error invalid_argument if a row holds a value that is not finite or too large to square
std::vector<float> squared_norms(const PatchMatrix& points);

/// The distance that rounding alone can make between equal rows: a thousandth of a row's length,
/// the root mean square of all rows'. 0 without rows.
double rounding_distance(const PatchMatrix& points);

/// Rows with their squared norms, owned by somebody else.
struct NormedRows {
  const float* values = nullptr;         ///< [rows, columns]
  const float* squared_norms = nullptr;  ///< [rows]
  std::size_t rows = 0;
};

/// Makes each bound the smaller of itself and the distance of its point to the nearest reference.
/// A matrix product finds the pairs that may matter, with its rounding error allowed for;
/// row_distance() decides.
/// @param bounds    one a point, in distance (not squared)
/// @param products  scratch
void shrink_bounds(const NormedRows& points, float* bounds, const NormedRows& references,
                   std::size_t columns, std::vector<float>& products);

}  // namespace patchcore
