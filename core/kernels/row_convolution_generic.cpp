// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The row convolution kernels for every machine's instructions.
#include <cstring>

#include "core/kernels/row_convolution-inl.h"

namespace patchcore {
namespace {

Bfloat16Bits rounded_to_bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  constexpr std::uint32_t not_a_number = 0x7fc0;
  const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  // Rounding could carry the bits of what is not a number over into those of a number.
  return static_cast<Bfloat16Bits>((bits & 0x7fffffff) > 0x7f800000 ? not_a_number : rounded);
}

void copy(const float* values, std::size_t count, float* copied) {
  std::memcpy(copied, values, count * sizeof(float));
}

void round(const float* values, std::size_t count, Bfloat16Bits* rounded) {
  for (std::size_t i = 0; i < count; ++i) rounded[i] = rounded_to_bfloat16(values[i]);
}

struct Register {
  typedef float Vector __attribute__((vector_size(16), aligned(4)));

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }
  static void store(Vector vector, float* values) { *reinterpret_cast<Vector*>(values) = vector; }

  static Vector load(const Bfloat16Bits* values) {
    Vector vector = {};
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t bits = std::uint32_t{values[i]} << 16;
      std::memcpy(reinterpret_cast<float*>(&vector) + i, &bits, sizeof(bits));
    }
    return vector;
  }
  static void store(Vector vector, Bfloat16Bits* values) {
    for (int i = 0; i < 4; ++i) values[i] = rounded_to_bfloat16(vector[i]);
  }
};

using Loops = RowConvolutionLoops<Register>;

/// Products of bfloat16, which are exact in float32.
struct Bfloat16Products {
  using Value = Bfloat16Bits;
  using Operand = std::uint32_t;
  typedef std::uint32_t Weights __attribute__((vector_size(16)));
  static constexpr std::size_t values_at_a_time = 2;

  static float as_float(std::uint32_t bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }

  static Operand load_operand(const Bfloat16Bits* values) {
    Operand pair = 0;
    std::memcpy(&pair, values, sizeof(pair));
    return pair;
  }

  static Weights load_weights(const Bfloat16Bits* values) {
    Weights pairs = {};
    std::memcpy(&pairs, values, sizeof(pairs));
    return pairs;
  }

  static Register::Vector multiply_add(Register::Vector sum, Operand operand, Weights weights) {
    const auto first = reinterpret_cast<Register::Vector>(weights << 16);
    const auto second = reinterpret_cast<Register::Vector>(weights & 0xffff0000U);
    return sum + as_float(operand << 16) * first + as_float(operand & 0xffff0000U) * second;
  }
};

}  // namespace

RowConvolutionKernels<float> row_convolution_kernels_generic() {
  return {"generic", Loops::pointwise<Loops::Floats, 2, 1, float>,
          Loops::pointwise<Loops::Floats, 2, 1, float>, Loops::depthwise<float>, copy};
}

RowConvolutionKernels<Bfloat16Bits> row_convolution_kernels_bfloat16_generic() {
  return {"generic", Loops::pointwise<Bfloat16Products, 2, 1, float>,
          Loops::pointwise<Bfloat16Products, 2, 1, Bfloat16Bits>, Loops::depthwise<Bfloat16Bits>,
          round};
}

}  // namespace patchcore
