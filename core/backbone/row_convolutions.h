// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Convolutions with their weights laid out for the row convolution kernels.
#pragma once

#include <cstddef>
#include <vector>

#include "core/backbone/convolution_description.h"
#include "core/backbone/folded_convolution.h"
#include "core/kernels/row_convolution.h"

namespace patchcore {

/// A convolution and its weights.
struct WeightedConvolution {
  ConvolutionDescription description;
  FoldedConvolution folded;
};

/// Whether an activation does no more than to limit its values, which the kernels do.
bool is_limit(Activation activation);

/// What smaller and larger values become, -infinity and infinity for none.
/// @param activation  is_limit()
/// @{
float least_result(Activation activation);
float largest_result(Activation activation);
/// @}

/// Where the outputs of a convolution lie along one axis.
struct ConvolutionGrid {
  int outputs = 0;
  int zeros_before = 0;
  int zeros_after = 0;  ///< those that the last output takes
};

ConvolutionGrid convolution_grid(const ConvolutionDescription& description, int inputs);

/// Blocks that hold so many channels.
std::size_t channel_blocks(int channels);

/// A convolution that sums over channels.
/// @tparam Value  what the products are computed with, float or Bfloat16Bits
template <typename Value>
class SummingRows {
 public:
  /// Of one group, kernel 1 or 3.
  explicit SummingRows(const WeightedConvolution& convolution);

  const ConvolutionDescription& description() const { return description_; }
  std::size_t blocks() const { return blocks_; }

  /// Weights, bias and limits for some of the blocks of output channels.
  /// @tparam Result  float or Value
  template <typename Result = float>
  PointwiseRow<Value, Result> row(std::size_t first_block, std::size_t blocks) const;
  void compute(const PointwiseRow<Value>& row) const { kernels_.pointwise(row); }
  void compute_rounded(const PointwiseRow<Value, Value>& row) const {
    kernels_.pointwise_rounded(row);
  }
  void round(const float* values, std::size_t count, Value* rounded) const {
    kernels_.round(values, count, rounded);
  }

 private:
  RowConvolutionKernels<Value> kernels_;
  ConvolutionDescription description_;
  std::size_t blocks_;
  std::size_t length_;  ///< of the values in one row of the kernel, zeros included
  std::vector<Value> weights_;
  std::vector<float> bias_;
};

/// A depthwise convolution of float32.
/// @tparam Value  of the results, float or Bfloat16Bits
template <typename Value>
class DepthwiseRows {
 public:
  /// As many groups as channels, kernel 3 or 5.
  explicit DepthwiseRows(const WeightedConvolution& convolution);

  const ConvolutionDescription& description() const { return description_; }
  std::size_t blocks() const { return blocks_; }

  /// Weights, bias and limits for one block of channels.
  DepthwiseRow<Value> row(std::size_t block) const;
  void compute(const DepthwiseRow<Value>& row) const { kernels_.depthwise(row); }

 private:
  RowConvolutionKernels<Value> kernels_;
  ConvolutionDescription description_;
  std::size_t blocks_;
  std::vector<float> weights_;
  std::vector<float> bias_;
};

}  // namespace patchcore
