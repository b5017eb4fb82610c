// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for AVX-512 instructions.
#include "core/kernels/screening-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(64), aligned(4)));
};

}  // namespace

void screening_avx512(const ScreeningBlock& block, float* sums, float* smallest) {
  ScreeningLoops<Register, 2>::run(block, sums, smallest);
}

}  // namespace patchcore
