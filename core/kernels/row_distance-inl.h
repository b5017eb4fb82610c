// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every row distance kernel. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have. To be compiled without fused
// multiply-add: all variants give the same bits.
#pragma once

#include <cstddef>

namespace patchcore {
namespace {

/// Sixteen sums that take turns, then added pair by pair, whatever the registers are.
/// @tparam Register  has a type Vector, of float32 values and as many bytes as a register, that may
///                   lie anywhere
template <typename Register>
float sum_of_squared_differences(const float* a, const float* b, std::size_t columns) {
  using Vector = typename Register::Vector;
  constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
  constexpr std::size_t width = 16;
  constexpr std::size_t vectors = width / lanes;

  Vector sums[vectors] = {};
  const auto add = [&sums](const float* left, const float* right) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) {
      const Vector difference = *reinterpret_cast<const Vector*>(left + v * lanes) -
                                *reinterpret_cast<const Vector*>(right + v * lanes);
      sums[v] += difference * difference;
    }
  };
  std::size_t i = 0;
  for (; i + width <= columns; i += width) add(a + i, b + i);
  if (i < columns) {
    float left[width] = {};
    float right[width] = {};
    for (std::size_t rest = 0; i + rest < columns; ++rest) {
      left[rest] = a[i + rest];
      right[rest] = b[i + rest];
    }
    add(left, right);
  }
  float parts[width];
  for (std::size_t v = 0; v < vectors; ++v) {
    *reinterpret_cast<Vector*>(parts + v * lanes) = sums[v];
  }
  for (std::size_t half = width / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) parts[lane] += parts[lane + half];
  }
  return parts[0];
}

}  // namespace
}  // namespace patchcore
