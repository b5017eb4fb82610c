// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The bodies of all overlay kernels. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have. To be compiled without fused
// multiply-add: all variants give the same bits.
#pragma once

#include "core/kernels/overlay_rows.h"

namespace patchcore {
namespace {

/// @param index  in memory
float byte_of(std::uint32_t word, int index) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  index = 3 - index;
#endif
  return static_cast<float>(static_cast<std::int32_t>(word >> (8 * index) & 255));
}

/// In blocks and small loops, each of which the compiler vectorizes.
void weigh(const std::uint8_t* bgra, std::size_t pixels, const ColourComponent& component,
           std::uint8_t* __restrict weighted) {
  constexpr std::size_t block = 64;
  const ColourComponent sum = component;
  for (std::size_t begin = 0; begin < pixels; begin += block) {
    const std::size_t count = pixels - begin < block ? pixels - begin : block;
    float values[block];
    for (std::size_t i = 0; i < count; ++i) {
      // Words are vectorized, every fourth byte is not.
      std::uint32_t word;
      __builtin_memcpy(&word, bgra + 4 * (begin + i), sizeof(word));
      const float value = sum.offset + sum.red * byte_of(word, 2) + sum.green * byte_of(word, 1) +
                          sum.blue * byte_of(word, 0);
      values[i] = value * (byte_of(word, 3) / 255);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const float positive = values[i] > 0 ? values[i] : 0;
      values[i] = positive < 255 ? positive : 255;
    }
    for (std::size_t i = 0; i < count; ++i) {
      weighted[begin + i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(values[i] + 0.5F));
    }
  }
}

/// A mixture of two bytes, in 16 bits, where what is lost on the way comes back.
std::uint16_t mixed(std::uint16_t first, std::uint16_t second, std::uint16_t weight) {
  const auto product =
      static_cast<std::uint16_t>(static_cast<std::uint16_t>(second - first) * weight);
  const auto sum =
      static_cast<std::uint16_t>(first * overlay_weight_one + product + overlay_weight_one / 2);
  return sum / overlay_weight_one;
}

/// In 16 bits throughout, which the compiler vectorizes.
void blend(const StretchedRows& rows, std::size_t bytes, std::uint8_t* __restrict pixels) {
  const std::uint16_t* __restrict weighted_above = rows.weighted_above;
  const std::uint16_t* __restrict weighted_below = rows.weighted_below;
  const std::uint16_t* __restrict alpha_above = rows.alpha_above;
  const std::uint16_t* __restrict alpha_below = rows.alpha_below;
  const auto weight = static_cast<std::uint16_t>(rows.weight_below);
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::uint16_t weighted = mixed(weighted_above[i], weighted_below[i], weight);
    const std::uint16_t alpha = mixed(alpha_above[i], alpha_below[i], weight);
    const auto kept = static_cast<std::uint16_t>(pixels[i] * (255 - alpha) + 128);
    // Divided by 255.
    const auto rest =
        static_cast<std::uint16_t>(static_cast<std::uint16_t>(kept + (kept >> 8)) >> 8);
    const auto sum = static_cast<std::uint16_t>(rest + weighted);
    pixels[i] = static_cast<std::uint8_t>(sum < 255 ? sum : 255);
  }
}

}  // namespace
}  // namespace patchcore
