// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Convolutions with their weights laid out for the row convolution kernels.
#include "core/backbone/row_convolutions.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace patchcore {
namespace {

/// [outputs, inputs / groups, kernel, kernel]
std::vector<float> plain_values(const at::Tensor& weight) {
  const at::Tensor plain = weight.contiguous();
  const float* values = plain.data_ptr<float>();
  return {values, values + plain.numel()};
}

std::vector<float> padded_bias(const at::Tensor& bias, std::size_t blocks) {
  std::vector<float> padded(blocks * channels_per_block);
  std::copy_n(bias.data_ptr<float>(), bias.numel(), padded.begin());
  return padded;
}

/// Values that the kernels multiply at a time.
template <typename Value>
constexpr std::size_t together = std::is_same_v<Value, float> ? 1 : 2;

}  // namespace

bool is_limit(Activation activation) {
  return activation == Activation::none || activation == Activation::relu ||
         activation == Activation::relu6;
}

float least_result(Activation activation) {
  return activation == Activation::none ? -std::numeric_limits<float>::infinity() : 0;
}

float largest_result(Activation activation) {
  return activation == Activation::relu6 ? 6 : std::numeric_limits<float>::infinity();
}

ConvolutionGrid convolution_grid(const ConvolutionDescription& description, int inputs) {
  const int kernel = description.kernel;
  const int stride = description.stride;
  ConvolutionGrid grid;
  if (description.padding == Padding::tensorflow_same) {
    grid.outputs = (inputs + stride - 1) / stride;
    grid.zeros_before = std::max(0, (grid.outputs - 1) * stride + kernel - inputs) / 2;
  } else {
    grid.zeros_before = (kernel - 1) / 2;
    grid.outputs = (inputs + 2 * grid.zeros_before - kernel) / stride + 1;
  }
  grid.zeros_after = std::max(0, (grid.outputs - 1) * stride + kernel - grid.zeros_before - inputs);
  return grid;
}

std::size_t channel_blocks(int channels) {
  return (static_cast<std::size_t>(channels) + channels_per_block - 1) / channels_per_block;
}

template <typename Value>
SummingRows<Value>::SummingRows(const WeightedConvolution& convolution)
    : kernels_(row_convolution_kernels<Value>().back()),
      description_(convolution.description),
      blocks_(channel_blocks(description_.output_channels)),
      bias_(padded_bias(convolution.folded.bias, blocks_)) {
  const auto kernel = static_cast<std::size_t>(description_.kernel);
  const auto inputs = static_cast<std::size_t>(description_.input_channels);
  const auto outputs = static_cast<std::size_t>(description_.output_channels);
  constexpr std::size_t pair = together<Value>;
  length_ = (kernel * inputs + pair - 1) / pair * pair;
  const std::vector<float> weights = plain_values(convolution.folded.weight);
  std::vector<float> packed(blocks_ * kernel * length_ * channels_per_block);
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::size_t block = output / channels_per_block;
    const std::size_t lane = output % channels_per_block;
    for (std::size_t y = 0; y < kernel; ++y) {
      for (std::size_t i = 0; i < kernel * inputs; ++i) {
        const std::size_t x = i / inputs;
        const std::size_t from = ((output * inputs + i % inputs) * kernel + y) * kernel + x;
        const std::size_t row = (block * kernel + y) * length_ + i / pair * pair;
        packed[row * channels_per_block + lane * pair + i % pair] = weights[from];
      }
    }
  }
  weights_.resize(packed.size());
  kernels_.round(packed.data(), packed.size(), weights_.data());
}

template <typename Value>
template <typename Result>
PointwiseRow<Value, Result> SummingRows<Value>::row(std::size_t first_block,
                                                    std::size_t blocks) const {
  PointwiseRow<Value, Result> row;
  row.parts = static_cast<std::size_t>(description_.kernel);
  row.length = length_;
  row.weights = weights_.data() + first_block * row.parts * length_ * channels_per_block;
  row.bias = bias_.data() + first_block * channels_per_block;
  row.blocks = blocks;
  row.least = least_result(description_.activation);
  row.largest = largest_result(description_.activation);
  return row;
}

template <typename Value>
DepthwiseRows<Value>::DepthwiseRows(const WeightedConvolution& convolution)
    : kernels_(row_convolution_kernels<Value>().back()),
      description_(convolution.description),
      blocks_(channel_blocks(description_.output_channels)),
      bias_(padded_bias(convolution.folded.bias, blocks_)) {
  const std::size_t size = static_cast<std::size_t>(description_.kernel) * description_.kernel;
  const std::vector<float> weights = plain_values(convolution.folded.weight);
  weights_.resize(blocks_ * size * channels_per_block);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t block = i / size / channels_per_block;
    const std::size_t lane = i / size % channels_per_block;
    weights_[(block * size + i % size) * channels_per_block + lane] = weights[i];
  }
}

template <typename Value>
DepthwiseRow<Value> DepthwiseRows<Value>::row(std::size_t block) const {
  DepthwiseRow<Value> row;
  row.kernel = static_cast<std::size_t>(description_.kernel);
  row.stride = static_cast<std::size_t>(description_.stride);
  row.weights = weights_.data() + block * row.kernel * row.kernel * channels_per_block;
  row.bias = bias_.data() + block * channels_per_block;
  row.least = least_result(description_.activation);
  row.largest = largest_result(description_.activation);
  return row;
}

template class SummingRows<float>;
template class SummingRows<Bfloat16Bits>;
template PointwiseRow<float, float> SummingRows<float>::row(std::size_t, std::size_t) const;
template PointwiseRow<Bfloat16Bits, float> SummingRows<Bfloat16Bits>::row(std::size_t,
                                                                          std::size_t) const;
template PointwiseRow<Bfloat16Bits, Bfloat16Bits> SummingRows<Bfloat16Bits>::row(std::size_t,
                                                                                 std::size_t) const;
template class DepthwiseRows<float>;
template class DepthwiseRows<Bfloat16Bits>;

}  // namespace patchcore
