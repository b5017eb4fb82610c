// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every convolution finish kernel, for the compiler to vectorize. Includes nothing that
// other files share, for they would be compiled for an instruction set that not all machines have.
// To be compiled without fused multiply-add: all variants give the same bits.
#pragma once

#include "core/kernels/convolution_finish.h"

namespace patchcore {
namespace {

float to_float(float value) {
  return value;
}

float to_float(Bfloat16Bits value) {
  const std::uint32_t bits = static_cast<std::uint32_t>(value) << 16;
  float result;
  __builtin_memcpy(&result, &bits, sizeof(result));
  return result;
}

void store(float value, float& target) {
  target = value;
}

void store(float value, Bfloat16Bits& target) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  constexpr std::uint32_t not_a_number = 0x7fc0;
  const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  // Rounding could carry the bits of what is not a number over into those of a number.
  target = static_cast<Bfloat16Bits>((bits & 0x7fffffff) > 0x7f800000 ? not_a_number : rounded);
}

template <bool with_shortcut, typename Value>
void finish_positions(const ConvolutionSums<Value>& sums) {
  const float least = sums.least;
  const float largest = sums.largest;
  const std::size_t channels = sums.channels;
  const float* __restrict bias = sums.bias;
  for (std::size_t position = 0; position < sums.positions; ++position) {
    Value* __restrict row = sums.values + position * channels;
    const Value* __restrict added = with_shortcut ? sums.shortcut + position * channels : nullptr;
    for (std::size_t i = 0; i < channels; ++i) {
      float value = to_float(row[i]) + bias[i];
      if constexpr (with_shortcut) value += to_float(added[i]);
      value = least > value ? least : value;
      value = largest < value ? largest : value;
      store(value, row[i]);
    }
  }
}

template <typename Value>
void finish_sums(const ConvolutionSums<Value>& sums) {
  if (sums.shortcut != nullptr) {
    finish_positions<true>(sums);
  } else {
    finish_positions<false>(sums);
  }
}

}  // namespace
}  // namespace patchcore
