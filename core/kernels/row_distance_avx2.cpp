// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The row distance kernel for AVX2 instructions.
#include "core/kernels/row_distance-inl.h"
#include "core/kernels/row_distance.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(32), aligned(4)));
};

}  // namespace

float row_distance_avx2(const float* a, const float* b, std::size_t columns) {
  return sum_of_squared_differences<Register>(a, b, columns);
}

}  // namespace patchcore
