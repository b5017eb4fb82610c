// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Random projection to fewer dimensions that nearly keeps distances (Johnson and Lindenstrauss).
#pragma once

#include <cstdint>

#include "core/types.h"

namespace patchcore {

/// Multiplies each row by a random matrix whose entries are uniform with mean 0 and variance
/// 1 / @p columns, so that squared distances keep their expected value. The matrix depends on
/// @p columns, points.columns and @p seed only, on every machine.
/// @param columns  of the result, at least 1
PatchMatrix project_randomly(const PatchMatrix& points, int columns, std::uint64_t seed);

}  // namespace patchcore
