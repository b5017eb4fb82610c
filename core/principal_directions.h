// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The directions in which the patches of a memory bank differ most.
#pragma once

#include <cstddef>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// Of a bank of [rows, columns].
struct PrincipalDirections {
  std::vector<float> mean;  ///< [columns]; empty with no directions
  PatchMatrix directions;   ///< [count, columns], orthonormal, the largest variance first
};

/// The Frobenius norm of D D' - I, D the directions: an upper bound of how far they are, in the
/// spectral norm, from the nearest orthonormal ones. Infinite if they hold what is not finite.
double deviation_from_orthonormal(const PatchMatrix& directions);

/// More than this and they are no directions, but an error.
constexpr double largest_deviation_from_orthonormal = 1e-3;

/// @param columns  of the bank that they are for
/// @throws Error invalid_argument unless there are directions that can be of such a bank
void check_principal_directions(const PrincipalDirections& principal, std::size_t columns);

/// As many directions as make the screened search of this bank fastest, by the number of full
/// comparisons that some of its own patches would need; none where screening does not pay.
/// Repeatable, and seconds at most for 16384 x 1024.
/// @throws Error invalid_argument if the bank holds values that are not finite, internal
PrincipalDirections choose_principal_directions(const PatchMatrix& bank);

/// The @p count directions of the largest variance.
/// @param count  1 to the columns of the bank
/// @throws Error invalid_argument, internal
PrincipalDirections principal_directions(const PatchMatrix& bank, std::size_t count);

}  // namespace patchcore
