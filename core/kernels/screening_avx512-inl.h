// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the screening kernels for AVX-512 instructions have in common.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace patchcore {
namespace {

/// Where an intrinsic would do, some compilers warn of what their own header leaves undefined.
struct Avx512Register {
  using Vector = __m512i;
  typedef std::int32_t Lanes __attribute__((vector_size(64)));

  static Vector load(const void* words) { return _mm512_loadu_si512(words); }

  static Vector spread(std::uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }

  static Vector smaller(Vector a, Vector b) {
    const auto first = reinterpret_cast<Lanes>(a);
    const auto second = reinterpret_cast<Lanes>(b);
    return reinterpret_cast<Vector>(first < second ? first : second);
  }

  static std::int32_t smallest_lane(Vector vector) {
#pragma GCC unroll 4
    for (int half = 8; half > 0; half /= 2) {
      Lanes other = {};
#pragma GCC unroll 16
      for (int lane = 0; lane < 16; ++lane) other[lane] = lane ^ half;
      vector = smaller(vector, reinterpret_cast<Vector>(
                                   __builtin_shuffle(reinterpret_cast<Lanes>(vector), other)));
    }
    return reinterpret_cast<Lanes>(vector)[0];
  }

  static std::uint32_t lanes_up_to(Vector vector, std::int32_t limit) {
    return _mm512_cmple_epi32_mask(vector, _mm512_set1_epi32(limit));
  }
};

}  // namespace
}  // namespace patchcore
