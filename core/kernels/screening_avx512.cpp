// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for AVX-512 instructions.
#include <immintrin.h>

#include "core/kernels/screening-inl.h"
#include "core/kernels/screening_avx512-inl.h"

namespace patchcore {
namespace {

struct Register : Avx512Register {
  static Vector add_pairs(Vector sum, Vector row, Vector query) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(row, query));
  }

  /// Every other value at a time as a pair, for the instruction that takes quads saturates.
  static Vector add_quads(Vector sum, Vector row, Vector query) {
    const __m512i even = _mm512_and_si512(row, _mm512_set1_epi16(255));
    const __m512i even_query = _mm512_srai_epi16(_mm512_slli_epi16(query, 8), 8);
    sum = add_pairs(sum, even, even_query);
    return add_pairs(sum, _mm512_srli_epi16(row, 8), _mm512_srai_epi16(query, 8));
  }
};

}  // namespace

ScreeningKernel screening_kernel_avx512() {
  return make_screening_kernel<Register, 2>("avx512", false);
}

}  // namespace patchcore
