// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for AVX-512 instructions with those for neural networks.
#include <immintrin.h>

#include "core/kernels/screening-inl.h"
#include "core/kernels/screening_avx512-inl.h"

namespace patchcore {
namespace {

/// Not by intrinsics, around which some compilers copy every sum to another register and back.
struct Register : Avx512Register {
  static Vector add_pairs(Vector sum, Vector row, Vector query) {
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(row), "v"(query));
    return sum;
  }

  static Vector add_quads(Vector sum, Vector row, Vector query) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(row), "v"(query));
    return sum;
  }
};

}  // namespace

ScreeningKernel screening_kernel_avx512vnni() {
  return make_screening_kernel<Register, 4>("avx512vnni", true);
}

}  // namespace patchcore
