// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for AVX2 instructions.
#include <immintrin.h>

#include <cstdint>

#include "core/kernels/screening-inl.h"

namespace patchcore {
namespace {

struct Register {
  using Vector = __m256i;

  static Vector load(const void* words) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(words));
  }

  static Vector spread(std::uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }

  static Vector smaller(Vector a, Vector b) { return _mm256_min_epi32(a, b); }

  static std::int32_t smallest_lane(Vector vector) {
    __m128i half =
        _mm_min_epi32(_mm256_castsi256_si128(vector), _mm256_extracti128_si256(vector, 1));
    half = _mm_min_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_min_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    return _mm_cvtsi128_si32(half);
  }

  static std::uint32_t lanes_up_to(Vector vector, std::int32_t limit) {
    const __m256i above = _mm256_cmpgt_epi32(vector, _mm256_set1_epi32(limit));
    return ~static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(above))) & 0xff;
  }

  static Vector add_pairs(Vector sum, Vector row, Vector query) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(row, query));
  }

  /// Every other value at a time as a pair, for the instruction that takes quads saturates.
  static Vector add_quads(Vector sum, Vector row, Vector query) {
    const __m256i even = _mm256_and_si256(row, _mm256_set1_epi16(255));
    const __m256i even_query = _mm256_srai_epi16(_mm256_slli_epi16(query, 8), 8);
    sum = add_pairs(sum, even, even_query);
    return add_pairs(sum, _mm256_srli_epi16(row, 8), _mm256_srai_epi16(query, 8));
  }
};

}  // namespace

ScreeningKernel screening_kernel_avx2() {
  return make_screening_kernel<Register, 2>("avx2", false);
}

}  // namespace patchcore
