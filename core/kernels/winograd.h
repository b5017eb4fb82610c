// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The transforms of Winograd's convolution F(2x2, 3x3), for each instruction set.
//
// Two by two outputs of a 3x3 convolution take 16 products for each pair of channels in place of 36
// (Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks", section 4.1): with the
// filter g, a tile d of 4x4 inputs and the matrices
//
//        1  0 -1  0         1    0    0
//   B' = 0  1  1  0    G = 1/2  1/2  1/2    A' = 1  1  1  0
//        0 -1  1  0        1/2 -1/2  1/2         0  1 -1 -1
//        0  1  0 -1         0    0    1
//
// the outputs are A' [ sum over channels of (G g G') * (B' d B) ] A. The sums are matrix products,
// one for each of the 16 elements.
#pragma once

#include <cstddef>
#include <vector>

#include "core/kernels/bfloat16.h"

namespace patchcore {

constexpr std::size_t winograd_outputs = 2;    ///< rows and columns of outputs in a tile
constexpr std::size_t winograd_inputs = 4;     ///< rows and columns of inputs that they take
constexpr std::size_t winograd_elements = 16;  ///< of a transformed tile

/// Channels come in whole multiples of this.
constexpr std::size_t winograd_channels = 16;

/// A picture and its tiles, which are counted along the rows.
struct WinogradGrid {
  std::size_t height = 0;  ///< of inputs and outputs alike: one zero is added on every side
  std::size_t width = 0;

  std::size_t tile_rows() const { return (height + winograd_outputs - 1) / winograd_outputs; }
  std::size_t tile_columns() const { return (width + winograd_outputs - 1) / winograd_outputs; }
  std::size_t tiles() const { return tile_rows() * tile_columns(); }
};

/// B' d B of some tiles.
/// @tparam Value  float or Bfloat16Bits: of the inputs and the results, which are computed in
///                float32 and rounded to the nearest, even where two are
template <typename Value>
struct WinogradInputs {
  WinogradGrid grid;
  const Value* inputs = nullptr;  ///< [height, width, channels]
  std::size_t channels = 0;
  const Value* zeros = nullptr;  ///< [channels]
  std::size_t first_tile = 0;
  std::size_t tiles = 0;
  /// Element i of tile t is transformed[i * element_stride + (t - first_tile) * channels +
  /// channel].
  Value* transformed = nullptr;
  std::size_t element_stride = 0;
};

/// limited(A' m A + bias + shortcut) of some tiles and channels.
/// @tparam Value  of the results and the shortcut
template <typename Value>
struct WinogradOutputs {
  WinogradGrid grid;
  std::size_t first_tile = 0;
  std::size_t tiles = 0;
  /// Element i of tile t is products[i * element_stride + (t - first_tile) * channels + channel].
  const float* products = nullptr;
  std::size_t element_stride = 0;
  std::size_t channels = 0;         ///< that are computed
  const float* bias = nullptr;      ///< [channels]
  const Value* shortcut = nullptr;  ///< laid out as the outputs are, or null
  Value* outputs = nullptr;         ///< [height, width, output_channels], from the first channel on
  std::size_t output_channels = 0;
  float least = 0;    ///< smaller results become this; -infinity: none
  float largest = 0;  ///< larger results become this; infinity: none
};

template <typename Value>
struct WinogradKernels {
  const char* instruction_set;
  void (*transform_inputs)(const WinogradInputs<Value>& inputs);
  void (*transform_outputs)(const WinogradOutputs<Value>& outputs);
};

/// Those that this machine can run, the slowest first; none where its registers are too small for
/// the transforms to pay.
/// @tparam Value  float or Bfloat16Bits
template <typename Value>
const std::vector<WinogradKernels<Value>>& winograd_kernels();
template <>
const std::vector<WinogradKernels<float>>& winograd_kernels();
template <>
const std::vector<WinogradKernels<Bfloat16Bits>>& winograd_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
WinogradKernels<float> winograd_kernels_avx2();
WinogradKernels<float> winograd_kernels_avx512();
WinogradKernels<Bfloat16Bits> winograd_kernels_avx512bf16();

}  // namespace patchcore
