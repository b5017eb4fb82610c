// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The row convolution kernels for AVX-512 instructions with products of bfloat16.
#include <immintrin.h>

#include "core/kernels/row_convolution-inl.h"

namespace patchcore {
namespace {

void store_rounded(__m512 vector, Bfloat16Bits* values) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(values),
                      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(vector)));
}

void round(const float* values, std::size_t count, Bfloat16Bits* rounded) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) store_rounded(_mm512_loadu_ps(values + i), rounded + i);
  if (i == count) return;
  const auto some = static_cast<__mmask16>((1U << (count - i)) - 1);
  _mm256_mask_storeu_epi16(
      rounded + i, some,
      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(some, values + i))));
}

struct Register {
  typedef float Vector __attribute__((vector_size(64), aligned(4)));

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }
  static void store(Vector vector, float* values) { *reinterpret_cast<Vector*>(values) = vector; }
  static Vector load(const Bfloat16Bits* values) {
    typedef Bfloat16Bits Halves __attribute__((vector_size(32), aligned(2)));
    typedef unsigned Words __attribute__((vector_size(64)));
    return reinterpret_cast<Vector>(
        __builtin_convertvector(*reinterpret_cast<const Halves*>(values), Words) << 16);
  }
  static void store(Vector vector, Bfloat16Bits* values) { store_rounded(vector, values); }
};

using Loops = RowConvolutionLoops<Register>;

struct Bfloat16Products {
  using Value = Bfloat16Bits;
  using Operand = int;
  using Weights = __m512i;
  static constexpr std::size_t values_at_a_time = 2;

  static Operand load_operand(const Bfloat16Bits* values) {
    Operand pair = 0;
    __builtin_memcpy(&pair, values, sizeof(pair));
    return pair;
  }

  static Weights load_weights(const Bfloat16Bits* values) { return _mm512_loadu_si512(values); }

  static Register::Vector multiply_add(Register::Vector sum, Operand operand, Weights weights) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(_mm512_set1_epi32(operand)),
                            reinterpret_cast<__m512bh>(weights));
  }
};

}  // namespace

RowConvolutionKernels<Bfloat16Bits> row_convolution_kernels_avx512bf16() {
  return {"avx512bf16", Loops::pointwise<Bfloat16Products, 8, 3, float>,
          Loops::pointwise<Bfloat16Products, 8, 3, Bfloat16Bits>, Loops::depthwise<Bfloat16Bits>,
          round};
}

}  // namespace patchcore
