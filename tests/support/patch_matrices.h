// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patch matrices for tests: random ones and small ones written out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore::test {

/// Uniform in -1 to 1, the same on every machine.
PatchMatrix random_patches(std::size_t rows, std::size_t columns, std::uint64_t seed);

/// Around @p clusters centres, which the seed has no part in, the same on every machine.
PatchMatrix clustered_patches(std::size_t rows, std::size_t columns, std::size_t clusters,
                              std::uint64_t seed);

/// @param rows  all of the same length, at least one
PatchMatrix patches_of(const std::vector<std::vector<float>>& rows);

}  // namespace patchcore::test
