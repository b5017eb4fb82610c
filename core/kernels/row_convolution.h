// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Convolutions of one row of a picture at a time, channels in blocks, for each instruction set.
#pragma once

#include <cstddef>
#include <vector>

#include "core/kernels/bfloat16.h"

namespace patchcore {

/// Channels are computed in blocks that fill whole registers; a block that the channels do not fill
/// has weights and a bias of zero for the rest.
constexpr std::size_t channels_per_block = 16;

/// The largest kernel, in rows and columns.
constexpr std::size_t largest_row_kernel = 5;

/// One row of a convolution that sums over channels. What is summed over may lie in several rows
/// (`parts`), which makes it a convolution with a kernel of that many.
/// @tparam Value   of what is multiplied: float or Bfloat16Bits; sums are float32
/// @tparam Result  of the shortcut and the outputs, which are rounded to the nearest, even where
/// two
///                 are
template <typename Value, typename Result = float>
struct PointwiseRow {
  /// Of each part: value i of position m is inputs[part][m * input_stride + i].
  const Value* inputs[3] = {};
  std::size_t parts = 1;
  std::size_t length = 0;  ///< values of a position in each part; of bfloat16 an even number
  std::size_t input_stride = 0;
  std::size_t positions = 0;
  /// [blocks, parts, length, channels_per_block]; of bfloat16 two of the values that are summed
  /// over lie together: [blocks, parts, length / 2, channels_per_block, 2]
  const Value* weights = nullptr;
  const float* bias = nullptr;       ///< [blocks, channels_per_block]
  std::size_t blocks = 0;            ///< of output channels
  const Result* shortcut = nullptr;  ///< laid out as the outputs are, or null
  /// Channel c of block b at position m is outputs[b * block_stride + m * position_stride + c].
  Result* outputs = nullptr;
  std::size_t block_stride = 0;
  std::size_t position_stride = 0;
  float least = 0;    ///< smaller results become this; -infinity: none
  float largest = 0;  ///< larger results become this; infinity: none
};

/// One row of a depthwise convolution, for one block of channels.
/// @tparam Value  of the results, float or Bfloat16Bits; those are rounded to the nearest, even
///                where two are
template <typename Value>
struct DepthwiseRow {
  /// One row for each of the kernel's: [columns, channels_per_block], where position m takes the
  /// columns from m * stride on.
  const float* inputs[largest_row_kernel] = {};
  std::size_t kernel = 3;  ///< 3 or 5
  std::size_t stride = 1;  ///< 1 or 2
  std::size_t positions = 0;
  const float* weights = nullptr;  ///< [kernel, kernel, channels_per_block]
  const float* bias = nullptr;     ///< [channels_per_block]
  Value* outputs = nullptr;        ///< channel c of position m is outputs[m * output_stride + c]
  std::size_t output_stride = 0;
  float least = 0;    ///< as in PointwiseRow
  float largest = 0;  ///< as in PointwiseRow
};

/// All results are limited(sum + bias + shortcut). Instruction sets round sums differently.
/// @tparam Value  of what the pointwise convolution multiplies
template <typename Value>
struct RowConvolutionKernels {
  const char* instruction_set;
  void (*pointwise)(const PointwiseRow<Value>& row);
  void (*pointwise_rounded)(const PointwiseRow<Value, Value>& row);
  void (*depthwise)(const DepthwiseRow<Value>& row);
  /// @param rounded  [count], as the depthwise convolution rounds
  void (*round)(const float* values, std::size_t count, Value* rounded);
};

/// Those that this machine can run, the slowest first.
/// @tparam Value  float or Bfloat16Bits
template <typename Value>
const std::vector<RowConvolutionKernels<Value>>& row_convolution_kernels();
template <>
const std::vector<RowConvolutionKernels<float>>& row_convolution_kernels();
template <>
const std::vector<RowConvolutionKernels<Bfloat16Bits>>& row_convolution_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
RowConvolutionKernels<float> row_convolution_kernels_generic();
RowConvolutionKernels<float> row_convolution_kernels_avx2();
RowConvolutionKernels<float> row_convolution_kernels_avx512();
RowConvolutionKernels<Bfloat16Bits> row_convolution_kernels_bfloat16_generic();
RowConvolutionKernels<Bfloat16Bits> row_convolution_kernels_avx512bf16();

}  // namespace patchcore
