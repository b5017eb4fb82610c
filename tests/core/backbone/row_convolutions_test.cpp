// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how weights are laid out for the row convolution kernels, and where their zeros go.
#include "core/backbone/row_convolutions.h"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include <limits>

namespace patchcore {
namespace {

ConvolutionDescription describe(int kernel, int stride, Padding padding) {
  ConvolutionDescription description;
  description.kernel = kernel;
  description.stride = stride;
  description.padding = padding;
  return description;
}

void expect_grid(const ConvolutionDescription& description, int inputs, int outputs, int before,
                 int after) {
  const ConvolutionGrid grid = convolution_grid(description, inputs);
  EXPECT_EQ(grid.outputs, outputs) << inputs;
  EXPECT_EQ(grid.zeros_before, before) << inputs;
  EXPECT_EQ(grid.zeros_after, after) << inputs;
}

/// Weight number i has the value i.
WeightedConvolution numbered(int inputs, int outputs, int kernel, int groups) {
  ConvolutionDescription description = describe(kernel, 1, Padding::centred);
  description.input_channels = inputs;
  description.output_channels = outputs;
  description.groups = groups;
  const at::TensorOptions floats(at::kFloat);
  return {description,
          {at::arange(outputs * inputs / groups * kernel * kernel, floats)
               .view({outputs, inputs / groups, kernel, kernel})
               .contiguous(at::MemoryFormat::ChannelsLast),
           at::arange(outputs, floats).add(100)}};
}

}  // namespace

TEST(RowConvolutions, PutAnOddZeroToTheEndAsTensorflowDoes) {
  expect_grid(describe(3, 2, Padding::tensorflow_same), 8, 4, 0, 1);
  expect_grid(describe(3, 2, Padding::tensorflow_same), 7, 4, 1, 1);
  expect_grid(describe(5, 2, Padding::tensorflow_same), 8, 4, 1, 2);
  expect_grid(describe(5, 1, Padding::tensorflow_same), 6, 6, 2, 2);
  expect_grid(describe(3, 2, Padding::tensorflow_same), 1, 1, 1, 1);
}

// Of an even side the last output of stride 2 does not reach the zeros behind it.
TEST(RowConvolutions, PadAroundTheCentre) {
  expect_grid(describe(3, 2, Padding::centred), 8, 4, 1, 0);
  expect_grid(describe(3, 2, Padding::centred), 7, 4, 1, 1);
  expect_grid(describe(5, 1, Padding::centred), 6, 6, 2, 2);
  expect_grid(describe(1, 1, Padding::centred), 6, 6, 0, 0);
}

TEST(RowConvolutions, FillTheLastBlockWithZeros) {
  EXPECT_EQ(channel_blocks(16), 1U);
  EXPECT_EQ(channel_blocks(17), 2U);
  const SummingRows<float> convolution(numbered(3, 18, 1, 1));
  ASSERT_EQ(convolution.blocks(), 2U);
  const PointwiseRow<float> row = convolution.row(1, 1);
  EXPECT_EQ(row.length, 3U);
  EXPECT_EQ(row.bias[1], 117);
  EXPECT_EQ(row.bias[2], 0);
  // Output 17, inputs 0 and 1; then output 18, which is none.
  EXPECT_EQ(row.weights[0 * channels_per_block + 1], 17 * 3);
  EXPECT_EQ(row.weights[1 * channels_per_block + 1], 17 * 3 + 1);
  EXPECT_EQ(row.weights[1 * channels_per_block + 2], 0);
}

// The rows of a kernel are parts; in each, the channels of a column lie together.
TEST(RowConvolutions, LayKernelsOutByRows) {
  const SummingRows<float> convolution(numbered(3, 2, 3, 1));
  const PointwiseRow<float> row = convolution.row(0, 1);
  EXPECT_EQ(row.parts, 3U);
  EXPECT_EQ(row.length, 9U);
  // Output 1, input 2, row 1, column 2.
  EXPECT_EQ(row.weights[(1 * 9 + 2 * 3 + 2) * channels_per_block + 1],
            ((1 * 3 + 2) * 3 + 1) * 3 + 2);
}

TEST(RowConvolutions, PairWhatIsMultipliedInBfloat16) {
  const SummingRows<Bfloat16Bits> convolution(numbered(3, 2, 1, 1));
  const PointwiseRow<Bfloat16Bits> row = convolution.row(0, 1);
  EXPECT_EQ(row.length, 4U);                                           // and a zero
  EXPECT_EQ(row.weights[1 * 2 + 0], 0x4040);                           // 3
  EXPECT_EQ(row.weights[1 * 2 + 1], 0x4080);                           // 4
  EXPECT_EQ(row.weights[2 * channels_per_block + 1 * 2 + 0], 0x40a0);  // 5
  EXPECT_EQ(row.weights[2 * channels_per_block + 1 * 2 + 1], 0);
}

TEST(RowConvolutions, KeepChannelsApart) {
  const DepthwiseRows<float> convolution(numbered(20, 20, 3, 20));
  ASSERT_EQ(convolution.blocks(), 2U);
  const DepthwiseRow<float> row = convolution.row(1);
  EXPECT_EQ(row.kernel, 3U);
  EXPECT_EQ(row.stride, 1U);
  EXPECT_EQ(row.weights[5 * channels_per_block + 3], 19 * 9 + 5);
  EXPECT_EQ(row.weights[5 * channels_per_block + 4], 0);
  EXPECT_EQ(row.bias[3], 119);
}

TEST(RowConvolutions, LimitAsTheActivationDoes) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  struct Case {
    Activation activation;
    float least;
    float largest;
  };
  for (const Case& expected :
       {Case{Activation::none, -infinity, infinity}, Case{Activation::relu, 0, infinity},
        Case{Activation::relu6, 0, 6}}) {
    WeightedConvolution convolution = numbered(2, 2, 1, 1);
    convolution.description.activation = expected.activation;
    const PointwiseRow<float> row = SummingRows<float>(convolution).row(0, 1);
    EXPECT_EQ(row.least, expected.least);
    EXPECT_EQ(row.largest, expected.largest);
  }
}

}  // namespace patchcore
