// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the row convolution kernels: all of them compute the definition, and nothing beside it.
#include "core/kernels/row_convolution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

namespace patchcore {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float untouched = -12352;  // that bfloat16 has, too

/// Small whole numbers: sums of their products are exact in any order, and they are bfloat16, too.
std::vector<float> whole_numbers(std::size_t count, std::uint32_t seed) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(seed >> 24) / 32;
    value = std::floor(value) - 4;
  }
  return values;
}

float float_of(Bfloat16Bits bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

float float_of(float value) {
  return value;
}

/// The upper half, for values that have no other bits.
Bfloat16Bits bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return static_cast<Bfloat16Bits>(bits >> 16);
}

template <typename Value>
std::vector<Value> converted(const std::vector<float>& values) {
  std::vector<Value> result;
  for (const float value : values) {
    if constexpr (std::is_same_v<Value, float>) {
      result.push_back(value);
    } else {
      result.push_back(bits_of(value));
    }
  }
  return result;
}

float within(float value, float least, float largest) {
  return std::min(std::max(value, least), largest);
}

struct PointwiseCase {
  std::size_t positions;
  std::size_t blocks;
  std::size_t parts;
  std::size_t length;
  bool with_shortcut;
  float least;
  float largest;
};

/// By the definition: the outputs, [positions + 1, blocks, channels_per_block], of which the last
/// position is none.
template <typename Value>
void expect_pointwise(const RowConvolutionKernels<Value>& kernels, const PointwiseCase& shape) {
  constexpr std::size_t lanes = channels_per_block;
  constexpr std::size_t together = std::is_same_v<Value, float> ? 1 : 2;
  const std::size_t input_stride = shape.length + 2;
  const std::size_t output_stride = shape.blocks * lanes;
  const std::vector<float> inputs = whole_numbers(shape.parts * shape.positions * input_stride, 1);
  const std::vector<float> weights =
      whole_numbers(shape.blocks * shape.parts * shape.length * lanes, 2);
  const std::vector<float> bias = whole_numbers(output_stride, 3);
  const std::vector<float> shortcut = whole_numbers(shape.positions * output_stride, 4);

  std::vector<float> expected((shape.positions + 1) * output_stride, untouched);
  for (std::size_t m = 0; m < shape.positions; ++m) {
    for (std::size_t channel = 0; channel < output_stride; ++channel) {
      const std::size_t block = channel / lanes;
      float sum = bias[channel];
      for (std::size_t part = 0; part < shape.parts; ++part) {
        for (std::size_t i = 0; i < shape.length; ++i) {
          const std::size_t group =
              (block * shape.parts + part) * shape.length + i / together * together;
          sum += inputs[(part * shape.positions + m) * input_stride + i] *
                 weights[group * lanes + channel % lanes * together + i % together];
        }
      }
      const std::size_t at = m * output_stride + channel;
      if (shape.with_shortcut) sum += shortcut[at];
      expected[at] = within(sum, shape.least, shape.largest);
    }
  }

  const std::vector<Value> kernel_inputs = converted<Value>(inputs);
  const std::vector<Value> kernel_weights = converted<Value>(weights);
  std::vector<float> outputs(expected.size(), untouched);
  PointwiseRow<Value> row;
  for (std::size_t part = 0; part < shape.parts; ++part)
    row.inputs[part] = kernel_inputs.data() + part * shape.positions * input_stride;
  row.parts = shape.parts;
  row.length = shape.length;
  row.input_stride = input_stride;
  row.positions = shape.positions;
  row.weights = kernel_weights.data();
  row.bias = bias.data();
  row.blocks = shape.blocks;
  row.shortcut = shape.with_shortcut ? shortcut.data() : nullptr;
  row.outputs = outputs.data();
  row.block_stride = lanes;
  row.position_stride = output_stride;
  row.least = shape.least;
  row.largest = shape.largest;
  kernels.pointwise(row);
  EXPECT_EQ(outputs, expected);

  const std::vector<Value> rounded_shortcut = converted<Value>(shortcut);
  std::vector<Value> rounded_outputs(expected.size(), converted<Value>({untouched})[0]);
  PointwiseRow<Value, Value> rounded;
  std::copy(std::begin(row.inputs), std::end(row.inputs), rounded.inputs);
  rounded.parts = row.parts;
  rounded.length = row.length;
  rounded.input_stride = row.input_stride;
  rounded.positions = row.positions;
  rounded.weights = row.weights;
  rounded.bias = row.bias;
  rounded.blocks = row.blocks;
  rounded.shortcut = shape.with_shortcut ? rounded_shortcut.data() : nullptr;
  rounded.outputs = rounded_outputs.data();
  rounded.block_stride = row.block_stride;
  rounded.position_stride = row.position_stride;
  rounded.least = row.least;
  rounded.largest = row.largest;
  kernels.pointwise_rounded(rounded);
  std::vector<Value> expected_rounded(expected.size());
  kernels.round(expected.data(), expected.size(), expected_rounded.data());
  EXPECT_EQ(rounded_outputs, expected_rounded);
}

template <typename Value>
void expect_depthwise(const RowConvolutionKernels<Value>& kernels, std::size_t kernel,
                      std::size_t stride, std::size_t positions) {
  constexpr std::size_t lanes = channels_per_block;
  const std::size_t columns = (positions - 1) * stride + kernel;
  const std::size_t output_stride = lanes + 5;
  const std::vector<float> inputs = whole_numbers(kernel * columns * lanes, 1);
  const std::vector<float> weights = whole_numbers(kernel * kernel * lanes, 2);
  const std::vector<float> bias = whole_numbers(lanes, 3);
  // Small enough to be bfloat16; rounding has a test of its own.
  constexpr float least = -100;
  constexpr float largest = 100;

  std::vector<float> expected((positions + 1) * output_stride, -128);
  for (std::size_t m = 0; m < positions; ++m) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      float sum = bias[lane];
      for (std::size_t y = 0; y < kernel; ++y) {
        for (std::size_t x = 0; x < kernel; ++x)
          sum += inputs[(y * columns + m * stride + x) * lanes + lane] *
                 weights[(y * kernel + x) * lanes + lane];
      }
      expected[m * output_stride + lane] = within(sum, least, largest);
    }
  }

  std::vector<Value> outputs = converted<Value>(std::vector<float>(expected.size(), -128));
  DepthwiseRow<Value> row;
  for (std::size_t y = 0; y < kernel; ++y) row.inputs[y] = inputs.data() + y * columns * lanes;
  row.kernel = kernel;
  row.stride = stride;
  row.positions = positions;
  row.weights = weights.data();
  row.bias = bias.data();
  row.outputs = outputs.data();
  row.output_stride = output_stride;
  row.least = least;
  row.largest = largest;
  kernels.depthwise(row);
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(float_of(outputs[i]), expected[i]);
}

template <typename Value>
class RowConvolution : public testing::Test {};

using Values = testing::Types<float, Bfloat16Bits>;
TYPED_TEST_SUITE(RowConvolution, Values);

}  // namespace

// Numbers of positions and blocks around those that the tiles have.
TYPED_TEST(RowConvolution, SumsOverChannels) {
  for (const auto& kernels : row_convolution_kernels<TypeParam>()) {
    for (const std::size_t positions : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 11U, 13U, 16U, 23U}) {
      for (const std::size_t blocks : {1U, 2U, 3U, 4U, 5U, 7U}) {
        SCOPED_TRACE(testing::Message()
                     << kernels.instruction_set << ", " << positions << ", " << blocks);
        expect_pointwise(kernels, {positions, blocks, 1, 6, false, -infinity, infinity});
      }
    }
  }
}

TYPED_TEST(RowConvolution, SumsOverRowsOfAKernel) {
  for (const auto& kernels : row_convolution_kernels<TypeParam>()) {
    SCOPED_TRACE(kernels.instruction_set);
    expect_pointwise(kernels, {9, 2, 3, 4, false, -infinity, infinity});
    expect_pointwise(kernels, {17, 3, 2, 10, false, -infinity, infinity});
  }
}

TYPED_TEST(RowConvolution, AddsTheShortcutThenLimits) {
  for (const auto& kernels : row_convolution_kernels<TypeParam>()) {
    SCOPED_TRACE(kernels.instruction_set);
    for (const std::size_t positions : {1U, 8U, 13U}) {
      expect_pointwise(kernels, {positions, 4, 1, 8, true, -infinity, infinity});
      expect_pointwise(kernels, {positions, 4, 1, 8, true, 0, 6});
      expect_pointwise(kernels, {positions, 4, 1, 8, false, 0, infinity});
    }
  }
}

TYPED_TEST(RowConvolution, ConvolvesEachChannelByItself) {
  for (const auto& kernels : row_convolution_kernels<TypeParam>()) {
    for (const std::size_t kernel : {3U, 5U}) {
      for (const std::size_t stride : {1U, 2U}) {
        for (const std::size_t positions : {1U, 2U, 7U, 8U, 9U, 16U, 21U}) {
          SCOPED_TRACE(testing::Message() << kernels.instruction_set << ", " << kernel << ", "
                                          << stride << ", " << positions);
          expect_depthwise(kernels, kernel, stride, positions);
        }
      }
    }
  }
}

// A broken network must not look like a sound one: limits keep what is not a number.
TYPED_TEST(RowConvolution, KeepsWhatIsNotANumber) {
  const std::vector<float> bias(channels_per_block, std::nanf(""));
  const std::vector<TypeParam> zeros(9 * channels_per_block);
  const std::vector<float> columns(9 * channels_per_block);
  for (const auto& kernels : row_convolution_kernels<TypeParam>()) {
    SCOPED_TRACE(kernels.instruction_set);
    std::vector<float> sums(channels_per_block);
    PointwiseRow<TypeParam> pointwise;
    pointwise.inputs[0] = zeros.data();
    pointwise.length = 2;
    pointwise.positions = 1;
    pointwise.weights = zeros.data();
    pointwise.bias = bias.data();
    pointwise.blocks = 1;
    pointwise.outputs = sums.data();
    pointwise.largest = 6;
    kernels.pointwise(pointwise);
    EXPECT_TRUE(std::isnan(sums[3]));

    std::vector<TypeParam> results(channels_per_block);
    DepthwiseRow<TypeParam> depthwise;
    std::fill_n(depthwise.inputs, 3, columns.data());
    depthwise.positions = 1;
    depthwise.weights = columns.data();
    depthwise.bias = bias.data();
    depthwise.outputs = results.data();
    depthwise.largest = 6;
    kernels.depthwise(depthwise);
    EXPECT_TRUE(std::isnan(float_of(results[5])));
  }
}

TEST(RowConvolutionRounding, CopiesFloats) {
  const std::vector<float> values = {1.00390625F, -3, 1e-30F, infinity};
  for (const auto& kernels : row_convolution_kernels<float>()) {
    std::vector<float> copied(values.size());
    kernels.round(values.data(), values.size(), copied.data());
    EXPECT_EQ(copied, values) << kernels.instruction_set;
  }
}

// To the nearest bfloat16; of two at the same distance to the even one, up or down.
TEST(RowConvolutionRounding, RoundsToTheNearestBfloat16) {
  const std::vector<float> values = {1,      1.00390625F, 1.01171875F, 1.0040F, -1.00390625F,
                                     3.999F, -0.0F,       infinity};
  const std::vector<float> expected = {1, 1, 1.015625F, 1.0078125F, -1, 4, -0.0F, infinity};
  for (const auto& kernels : row_convolution_kernels<Bfloat16Bits>()) {
    // Whole registers and what is left of one.
    for (const std::size_t count : {1U, 8U, 16U, 23U, 40U}) {
      SCOPED_TRACE(testing::Message() << kernels.instruction_set << ", " << count);
      std::vector<float> many(count);
      for (std::size_t i = 0; i < count; ++i) many[i] = values[i % values.size()];
      std::vector<Bfloat16Bits> rounded(count + 1, 0x1234);
      kernels.round(many.data(), count, rounded.data());
      for (std::size_t i = 0; i < count; ++i)
        EXPECT_EQ(float_of(rounded[i]), expected[i % values.size()]) << i;
      EXPECT_EQ(rounded[count], 0x1234);
    }
    Bfloat16Bits result = 0;
    const float not_a_number = std::nanf("");
    kernels.round(&not_a_number, 1, &result);
    EXPECT_TRUE(std::isnan(float_of(result)));
  }
}

// What the depthwise convolution stores is rounded the same way.
TEST(RowConvolutionRounding, RoundsDepthwiseResults) {
  const std::vector<float> columns(9 * channels_per_block);
  std::vector<float> bias(channels_per_block);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = 1 + static_cast<float>(i) / 512;
  for (const auto& kernels : row_convolution_kernels<Bfloat16Bits>()) {
    std::vector<Bfloat16Bits> expected(channels_per_block);
    kernels.round(bias.data(), bias.size(), expected.data());
    std::vector<Bfloat16Bits> results(channels_per_block);
    DepthwiseRow<Bfloat16Bits> row;
    std::fill_n(row.inputs, 3, columns.data());
    row.positions = 1;
    row.weights = columns.data();
    row.bias = bias.data();
    row.outputs = results.data();
    row.largest = infinity;
    kernels.depthwise(row);
    EXPECT_EQ(results, expected) << kernels.instruction_set;
  }
}

}  // namespace patchcore
