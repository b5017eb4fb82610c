// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The squared distance of two rows, written for each instruction set.
#pragma once

#include <cstddef>
#include <vector>

namespace patchcore {

using RowDistance = float (*)(const float* a, const float* b, std::size_t columns);

/// The same for every instruction set, to the last bit.
struct RowDistanceKernel {
  const char* instruction_set;
  RowDistance run;
};

/// Those that this machine can run, the slowest first.
const std::vector<RowDistanceKernel>& row_distance_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
float row_distance_generic(const float* a, const float* b, std::size_t columns);
float row_distance_avx2(const float* a, const float* b, std::size_t columns);

}  // namespace patchcore
