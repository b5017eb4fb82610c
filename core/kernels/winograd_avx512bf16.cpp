// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The Winograd kernels for AVX-512 instructions that round to bfloat16.
#include <immintrin.h>

#include "core/kernels/winograd-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(64), aligned(4)));

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }

  static Vector load(const Bfloat16Bits* values) {
    typedef Bfloat16Bits Halves __attribute__((vector_size(32), aligned(2)));
    typedef unsigned Words __attribute__((vector_size(64)));
    return reinterpret_cast<Vector>(
        __builtin_convertvector(*reinterpret_cast<const Halves*>(values), Words) << 16);
  }

  static void store(Vector vector, Bfloat16Bits* values) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(values),
                        reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(vector)));
  }
};

using Loops = WinogradLoops<Register>;

}  // namespace

WinogradKernels<Bfloat16Bits> winograd_kernels_avx512bf16() {
  return {"avx512bf16", Loops::transform_inputs<Bfloat16Bits>,
          Loops::transform_outputs<Bfloat16Bits>};
}

}  // namespace patchcore
