// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the one building block of the networks: folding, padding, stride, groups, activation.
#include "core/backbone/convolution.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "core/threads.h"

namespace patchcore {
namespace {

ConvolutionDescription describe(int input, int output, int kernel, int stride, int groups) {
  ConvolutionDescription description;
  description.name = "conv";
  description.normalization = "bn";
  description.input_channels = input;
  description.output_channels = output;
  description.kernel = kernel;
  description.stride = stride;
  description.groups = groups;
  return description;
}

TensorTable random_weights(const ConvolutionDescription& description) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  TensorTable weights;
  for (const ParameterShape& parameter : parameters_of(description)) {
    std::size_t count = 1;
    for (const std::int64_t length : parameter.shape) count *= length;
    std::vector<float> values(count);
    const bool variance = parameter.name == "bn.running_var";
    for (float& value : values) value = variance ? 1 + 0.5F * uniform(random) : uniform(random);
    weights[parameter.name] = StoredTensor::from_floats(parameter.shape, values.data());
  }
  return weights;
}

at::Tensor random_input(int channels, int height, int width) {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> uniform(-1, 1);
  at::Tensor input = at::empty({2, channels, height, width});
  std::generate_n(input.data_ptr<float>(), input.numel(), [&] { return uniform(random); });
  return input.contiguous(at::MemoryFormat::ChannelsLast);
}

/// One output value by the definition: convolution, normalization, activation.
double expected_value(const ConvolutionDescription& description, const TensorTable& weights,
                      const at::Tensor& input, int picture, int channel, int row, int column,
                      int zeros_above, int zeros_left) {
  const std::vector<float> kernels = weights.at("conv.weight").to_floats();
  const auto parameter = [&](const char* name) {
    return double{weights.at(std::string("bn.") + name).to_floats()[channel]};
  };
  const int group_inputs = description.input_channels / description.groups;
  const int group = channel / (description.output_channels / description.groups);
  double sum = 0;
  for (int c = 0; c < group_inputs; ++c) {
    for (int y = 0; y < description.kernel; ++y) {
      for (int x = 0; x < description.kernel; ++x) {
        const int from_row = row * description.stride + y - zeros_above;
        const int from_column = column * description.stride + x - zeros_left;
        if (from_row < 0 || from_row >= input.size(2)) continue;
        if (from_column < 0 || from_column >= input.size(3)) continue;
        const int kernel =
            ((channel * group_inputs + c) * description.kernel + y) * description.kernel + x;
        sum += double{kernels[kernel]} *
               input[picture][group * group_inputs + c][from_row][from_column].item<float>();
      }
    }
  }
  sum = (sum - parameter("running_mean")) /
            std::sqrt(parameter("running_var") + description.epsilon) * parameter("weight") +
        parameter("bias");
  if (description.activation == Activation::relu) return std::max(sum, 0.0);
  if (description.activation == Activation::relu6) return std::clamp(sum, 0.0, 6.0);
  if (description.activation == Activation::sigmoid) return 1 / (1 + std::exp(-sum));
  if (description.activation == Activation::silu) return sum / (1 + std::exp(-sum));
  return sum;
}

void expect_output(const ConvolutionDescription& description, const TensorTable& weights,
                   const at::Tensor& input, ConvolutionMethod method, int zeros_above,
                   int zeros_left, int output_height, int output_width) {
  const at::Tensor output =
      Convolution(description, weights, "file", Precision::fp32, method)(input);
  ASSERT_EQ(output.size(0), 2);
  ASSERT_EQ(output.size(1), description.output_channels);
  ASSERT_EQ(output.size(2), output_height);
  ASSERT_EQ(output.size(3), output_width);
  EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
  for (int picture = 0; picture < 2; ++picture) {
    for (int channel = 0; channel < description.output_channels; ++channel) {
      for (int row = 0; row < output_height; ++row) {
        for (int column = 0; column < output_width; ++column)
          ASSERT_NEAR(output[picture][channel][row][column].item<float>(),
                      expected_value(description, weights, input, picture, channel, row, column,
                                     zeros_above, zeros_left),
                      1e-5);
      }
    }
  }
}

/// By every method that this LibTorch has.
void expect_definition(const ConvolutionDescription& description, int height, int width,
                       int zeros_above, int zeros_left, int output_height, int output_width) {
  const TensorTable weights = random_weights(description);
  const at::Tensor input = random_input(description.input_channels, height, width);
  for (const ConvolutionMethod method : convolution_methods(Precision::fp32)) {
    SCOPED_TRACE(static_cast<int>(method));
    expect_output(description, weights, input, method, zeros_above, zeros_left, output_height,
                  output_width);
  }
}

}  // namespace

TEST(Convolution, FoldsTheNormalization) {
  expect_definition(describe(5, 3, 1, 1, 1), 4, 3, 0, 0, 4, 3);
}

TEST(Convolution, PadsAroundTheCentre) {
  expect_definition(describe(3, 4, 3, 2, 1), 7, 6, 1, 1, 4, 3);
  expect_definition(describe(3, 2, 7, 2, 1), 9, 8, 3, 3, 5, 4);
}

// An odd zero goes below and to the right; odd and even lengths differ in how many there are.
TEST(Convolution, PadsAsTensorflowDoes) {
  ConvolutionDescription description = describe(3, 4, 3, 2, 1);
  description.padding = Padding::tensorflow_same;
  expect_definition(description, 8, 8, 0, 0, 4, 4);
  expect_definition(description, 7, 8, 1, 0, 4, 4);
  description.kernel = 5;
  expect_definition(description, 8, 7, 1, 2, 4, 4);
  description.stride = 1;
  expect_definition(description, 6, 5, 2, 2, 6, 5);
}

TEST(Convolution, KeepsGroupsApart) {
  expect_definition(describe(6, 4, 3, 1, 2), 5, 4, 1, 1, 5, 4);
  expect_definition(describe(6, 6, 3, 1, 6), 5, 4, 1, 1, 5, 4);
}

TEST(Convolution, Activates) {
  ConvolutionDescription description = describe(4, 4, 3, 1, 1);
  description.activation = Activation::relu;
  expect_definition(description, 4, 4, 1, 1, 4, 4);
  description.activation = Activation::relu6;
  description.input_channels = 64;  // so that some sums are above 6
  expect_definition(description, 4, 4, 1, 1, 4, 4);
  for (const Activation smooth : {Activation::silu, Activation::sigmoid}) {
    description.activation = smooth;
    expect_definition(description, 4, 4, 1, 1, 4, 4);
  }
}

// The order matters: the sum is activated, not the convolution alone.
TEST(Convolution, AddsTheShortcutBeforeTheActivation) {
  ConvolutionDescription description = describe(4, 4, 3, 1, 1);
  const TensorTable weights = random_weights(description);
  const at::Tensor input = random_input(4, 5, 4);
  for (const ConvolutionMethod method : convolution_methods(Precision::fp32)) {
    const auto convolve = [&](Activation activation, const at::Tensor& shortcut) {
      description.activation = activation;
      return Convolution(description, weights, "file", Precision::fp32, method)(input, shortcut);
    };
    const at::Tensor sum = convolve(Activation::none, {}).add(input);
    const at::Tensor copy = input.clone();
    EXPECT_TRUE(convolve(Activation::none, input).allclose(sum, 1e-5, 1e-6));
    EXPECT_TRUE(convolve(Activation::relu, input).allclose(sum.relu(), 1e-5, 1e-6));
    EXPECT_TRUE(convolve(Activation::relu6, input).allclose(sum.clamp(0, 6), 1e-5, 1e-6));
    EXPECT_TRUE(convolve(Activation::silu, input).allclose(sum.mul(sum.sigmoid()), 1e-5, 1e-6));
    EXPECT_TRUE(convolve(Activation::sigmoid, input).allclose(sum.sigmoid(), 1e-5, 1e-6));
    EXPECT_TRUE(input.equal(copy));
  }
}

// Channels that fill registers are what the kernels of ours take: they pass all of a picture, with
// borders in the middle of a tile, more of them than are transformed at a time, several pictures.
TEST(Convolution, OfFullRegistersIsTheSameByEveryMethod) {
  struct Case {
    int input;
    int output;
    int height;
    int width;
  };
  for (const Case& size : {Case{16, 16, 1, 1}, Case{16, 32, 2, 3}, Case{48, 16, 7, 14},
                           Case{32, 176, 15, 16}, Case{64, 80, 61, 70}, Case{512, 32, 40, 33}}) {
    SCOPED_TRACE(testing::Message() << size.input << " to " << size.output << " channels, "
                                    << size.height << " x " << size.width);
    ConvolutionDescription description = describe(size.input, size.output, 3, 1, 1);
    const TensorTable weights = random_weights(description);
    const at::Tensor input = random_input(size.input, size.height, size.width);
    const at::Tensor shortcut = random_input(size.output, size.height, size.width);
    for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6}) {
      description.activation = activation;
      const Convolution plain(description, weights, "file", Precision::fp32,
                              ConvolutionMethod::plain);
      for (const Precision precision : {Precision::fp32, Precision::bf16}) {
        const at::ScalarType type = scalar_type(precision);
        for (const ConvolutionMethod method : convolution_methods(precision)) {
          SCOPED_TRACE(static_cast<int>(method));
          const Convolution convolution(description, weights, "file", precision, method);
          for (const at::Tensor& added : {at::Tensor(), shortcut}) {
            const at::Tensor expected = plain(input, added);
            const at::Tensor output =
                convolution(input.to(type), added.defined() ? added.to(type) : added);
            ASSERT_EQ(output.scalar_type(), type);
            EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
            const at::Tensor difference = output.to(at::kFloat).sub(expected).abs();
            // Of sums of as many products as there are inputs, of numbers up to 1.
            const double products = 9.0 * size.input;
            const double tolerance =
                precision == Precision::bf16 ? 0.02 * std::sqrt(products) : 2e-7 * products;
            EXPECT_LE(difference.max().item<double>(), tolerance);
          }
        }
      }
    }
  }
}

// Threads share out positions and channels, in other ways the more of them there are.
TEST(Convolution, IsTheSameWithAnyNumberOfThreads) {
  for (const int kernel : {1, 3}) {
    for (const int side : {6, 17, 40}) {
      SCOPED_TRACE(testing::Message() << "kernel " << kernel << ", side " << side);
      const ConvolutionDescription description = describe(32, 208, kernel, 1, 1);
      const TensorTable weights = random_weights(description);
      const at::Tensor input = random_input(32, side, side);
      const Convolution convolution(description, weights, "file", Precision::fp32,
                                    convolution_methods(Precision::fp32).back());
      use_threads(1);
      const at::Tensor expected = convolution(input);
      for (const int threads : {2, 3, 5, 16}) {
        use_threads(threads);
        EXPECT_TRUE(convolution(input).allclose(expected, 1e-5, 1e-5)) << threads;
      }
      use_threads(0);
    }
  }
}

// A picture that is broken must not pass for a good one.
TEST(Convolution, KeepsWhatIsNoNumber) {
  const ConvolutionDescription description = describe(16, 16, 3, 1, 1);
  const TensorTable weights = random_weights(description);
  at::Tensor input = random_input(16, 6, 6);
  input[1][3][2][4] = std::numeric_limits<float>::quiet_NaN();
  for (const ConvolutionMethod method : convolution_methods(Precision::fp32)) {
    const at::Tensor output =
        Convolution(description, weights, "file", Precision::fp32, method)(input);
    EXPECT_FALSE(output[0].isnan().any().item<bool>());
    EXPECT_TRUE(output[1].slice(1, 1, 4).slice(2, 3, 6).isnan().all().item<bool>());
  }
}

// What GPUs compute with.
TEST(Convolution, TakesSixteenBitNumbers) {
  ConvolutionDescription description = describe(16, 8, 3, 1, 1);
  description.activation = Activation::relu6;
  const TensorTable weights = random_weights(description);
  const at::Tensor input = random_input(16, 6, 7);
  const at::Tensor shortcut = random_input(8, 6, 7);
  const at::Tensor exact = Convolution(description, weights, "file", Precision::fp32,
                                       ConvolutionMethod::plain)(input, shortcut);
  struct Case {
    Precision precision;
    at::ScalarType type;
    double tolerance;  // sums of 144 products of numbers up to 1
  };
  for (const Case& rounded :
       {Case{Precision::bf16, at::kBFloat16, 0.1}, Case{Precision::fp16, at::kHalf, 0.0125}}) {
    SCOPED_TRACE(c10::toString(rounded.type));
    const Convolution convolution(description, weights, "file", rounded.precision,
                                  ConvolutionMethod::aten);
    at::Tensor output;
    try {
      output = convolution(input.to(rounded.type), shortcut.to(rounded.type));
    } catch (const c10::Error&) {
      // LibTorch 1.13 computes with fp16 on GPUs alone.
      EXPECT_EQ(rounded.precision, Precision::fp16);
      continue;
    }
    EXPECT_EQ(output.scalar_type(), rounded.type);
    EXPECT_TRUE(output.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LE(output.to(at::kFloat).sub(exact).abs().max().item<double>(), rounded.tolerance);
  }
}

TEST(Convolution, OfAGpuIsAtens) {
  const Device gpu = {DeviceKind::cuda, 0};
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16})
    EXPECT_EQ(fastest_convolution_method(precision, gpu), ConvolutionMethod::aten);
  EXPECT_NE(fastest_convolution_method(Precision::fp32), ConvolutionMethod::aten);
  EXPECT_NE(fastest_convolution_method(Precision::bf16), ConvolutionMethod::aten);
}

// Weights are laid out for a size of picture: another size, and the first one again, fit as well.
TEST(Convolution, TakesPicturesOfChangingSizes) {
  const ConvolutionDescription description = describe(8, 16, 3, 1, 1);
  const TensorTable weights = random_weights(description);
  const Convolution plain(description, weights, "file", Precision::fp32, ConvolutionMethod::plain);
  for (const ConvolutionMethod method : convolution_methods(Precision::fp32)) {
    const Convolution convolution(description, weights, "file", Precision::fp32, method);
    for (const int side : {5, 64, 9, 33, 6, 7, 5}) {
      const at::Tensor input = random_input(8, side, side + 1);
      EXPECT_TRUE(convolution(input).allclose(plain(input), 1e-5, 1e-5)) << side;
    }
  }
}

TEST(Convolution, LeavesItsInputAlone) {
  ConvolutionDescription description = describe(4, 4, 1, 1, 1);
  description.activation = Activation::relu;
  const at::Tensor input = random_input(4, 3, 3);
  const at::Tensor copy = input.clone();
  const TensorTable weights = random_weights(description);
  for (const ConvolutionMethod method : convolution_methods(Precision::fp32))
    Convolution(description, weights, "file", Precision::fp32, method)(input);
  EXPECT_TRUE(input.equal(copy));
}

}  // namespace patchcore
