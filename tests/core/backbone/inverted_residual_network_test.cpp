// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the networks of our own kernels: the same maps as LibTorch's convolutions give.
#include "core/backbone/inverted_residual_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/backbone/efficientnet.h"
#include "core/backbone/efficientnet_lite.h"
#include "core/backbone/resnet.h"
#include "core/error.h"
#include "core/kernels/row_convolution.h"
#include "core/threads.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

InputTensor make_input(int batch, int height, int width) {
  InputTensor input{batch, height, width, {}};
  input.values.resize(static_cast<std::size_t>(batch) * 3 * height * width);
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    const auto x = static_cast<float>(i);
    input.values[i] = std::sin(0.37F * x) + std::cos(0.011F * x);
  }
  return input;
}

std::size_t values_of(const FeatureMap& map) {
  return static_cast<std::size_t>(map.batch) * map.height * map.width * map.channels;
}

/// @param tolerance  of the length of the difference, in lengths of the map
void expect_near(const FeatureMaps& maps, const FeatureMaps& expected, double tolerance) {
  ASSERT_EQ(maps.size(), expected.size());
  for (std::size_t i = 0; i < maps.size(); ++i) {
    SCOPED_TRACE(expected[i].layer);
    EXPECT_EQ(maps[i].layer, expected[i].layer);
    EXPECT_EQ(maps[i].batch, expected[i].batch);
    ASSERT_EQ(maps[i].height, expected[i].height);
    ASSERT_EQ(maps[i].width, expected[i].width);
    ASSERT_EQ(maps[i].channels, expected[i].channels);
    double difference = 0;
    double length = 0;
    for (std::size_t j = 0; j < values_of(maps[i]); ++j) {
      const double value = expected[i].values.get()[j];
      difference += std::pow(maps[i].values.get()[j] - value, 2);
      length += value * value;
    }
    EXPECT_LE(std::sqrt(difference), tolerance * std::sqrt(length));
  }
}

class InvertedResidualNetworks : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    if (!has_inverted_residual_network(efficientnet_lite_steps("efficientnet_lite0"),
                                       Precision::fp32))
      GTEST_SKIP() << "this processor has neither AVX2 nor AVX-512";
  }
};

}  // namespace

// Every block of the network: kernels 3 and 5, both strides, with a shortcut and without. The sizes
// are even, odd and so small that no tile fills; the threads make strips short, and two passes.
TEST_P(InvertedResidualNetworks, GiveTheMapsOfThePlainTwin) {
  const std::vector<NetworkStep> steps = efficientnet_lite_steps(GetParam());
  std::vector<std::string> layers;
  for (std::size_t i = 1; i < steps.size(); ++i) layers.push_back(steps[i].layers[0]);
  const TensorTable weights = test::formula_weights(GetParam(), layers);
  const Network plain(steps, layers, weights, "", Precision::fp32, ConvolutionMethod::plain);
  const auto ours = make_inverted_residual_network(steps, layers, weights, "", Precision::fp32);
  EXPECT_EQ(ours->layers(), layers);
  EXPECT_EQ(ours->max_stride(), plain.max_stride());
  for (const Size size : {Size{96, 64}, Size{39, 33}, Size{47, 130}, Size{32, 32}}) {
    const InputTensor input = make_input(1, size.height, size.width);
    const FeatureMaps expected = plain.extract(input);
    for (const int threads : {1, 2, 5}) {
      SCOPED_TRACE(testing::Message() << size.width << "x" << size.height << ", " << threads);
      use_threads(threads);
      expect_near(ours->extract(input), expected, 1e-5);
    }
    use_threads(0);
  }
}

// What convolutions across channels multiply has eight bits after the first blocks; nothing else is
// rounded.
TEST_P(InvertedResidualNetworks, StayNearInBfloat16) {
  const std::vector<NetworkStep> steps = efficientnet_lite_steps(GetParam());
  if (!has_inverted_residual_network(steps, Precision::bf16))
    GTEST_SKIP() << "this processor has no instructions for bfloat16";
  const std::vector<std::string> layers = describe_efficientnet_lite(GetParam()).default_layers;
  const TensorTable weights = test::formula_weights(GetParam(), layers);
  const InputTensor input = make_input(1, 64, 96);
  const FeatureMaps expected =
      make_inverted_residual_network(steps, layers, weights, "", Precision::fp32)->extract(input);
  const FeatureMaps rounded =
      make_inverted_residual_network(steps, layers, weights, "", Precision::bf16)->extract(input);
  expect_near(rounded, expected, 0.01);
  EXPECT_FALSE(std::equal(rounded[1].values.get(), rounded[1].values.get() + values_of(rounded[1]),
                          expected[1].values.get()));
}

// All others would carry on what rounding does in the first blocks: it moved scores of screws by
// half a percent, and their order.
TEST_P(InvertedResidualNetworks, DoNotRoundInTheFirstBlocks) {
  const std::vector<NetworkStep> steps = efficientnet_lite_steps(GetParam());
  if (!has_inverted_residual_network(steps, Precision::bf16))
    GTEST_SKIP() << "this processor has no instructions for bfloat16";
  std::vector<std::string> layers;
  for (std::size_t i = 1; i <= 4; ++i) layers.push_back(steps[i].layers[0]);
  const TensorTable weights = test::formula_weights(GetParam(), layers);
  const InputTensor input = make_input(1, 64, 96);
  const FeatureMaps expected =
      make_inverted_residual_network(steps, layers, weights, "", Precision::fp32)->extract(input);
  const FeatureMaps maps =
      make_inverted_residual_network(steps, layers, weights, "", Precision::bf16)->extract(input);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    EXPECT_TRUE(std::equal(maps[i].values.get(), maps[i].values.get() + values_of(maps[i]),
                           expected[i].values.get()))
        << layers[i];
  }
}

// One picture's features don't depend on those beside it, bit by bit.
TEST_P(InvertedResidualNetworks, ComputeEachPictureOfABatchAlone) {
  const std::vector<NetworkStep> steps = efficientnet_lite_steps(GetParam());
  const std::vector<std::string> layers = {"blocks.2", "blocks.0"};
  const auto network = make_inverted_residual_network(
      steps, layers, test::formula_weights(GetParam(), layers), "", Precision::fp32);
  const InputTensor input = make_input(3, 64, 32);
  const FeatureMaps together = network->extract(input);
  for (int picture = 0; picture < 3; ++picture) {
    InputTensor one{1, 64, 32, {}};
    const auto begin = input.values.begin() + std::ptrdiff_t{3} * 64 * 32 * picture;
    one.values.assign(begin, begin + std::ptrdiff_t{3} * 64 * 32);
    const FeatureMaps alone = network->extract(one);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      EXPECT_EQ(together[i].batch, 3);
      const std::size_t size = values_of(alone[i]);
      EXPECT_TRUE(std::equal(alone[i].values.get(), alone[i].values.get() + size,
                             together[i].values.get() + picture * size));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Lite, InvertedResidualNetworks,
                         testing::Values("efficientnet_lite0", "efficientnet_lite2"));

TEST(InvertedResidualNetwork, IsForItsBlocksAlone) {
  const bool has =
      has_inverted_residual_network(efficientnet_lite_steps("efficientnet_lite0"), Precision::fp32);
  EXPECT_EQ(has, row_convolution_kernels<float>().size() > 1);
  EXPECT_FALSE(has_inverted_residual_network(resnet_steps("resnet18"), Precision::fp32));
  EXPECT_FALSE(has_inverted_residual_network({}, Precision::fp32));
  std::vector<NetworkStep> steps = efficientnet_lite_steps("efficientnet_lite0");
  steps[3].convolutions[1].kernel = 7;
  EXPECT_FALSE(has_inverted_residual_network(steps, Precision::fp32));
  steps = efficientnet_lite_steps("efficientnet_lite0");
  steps[0].convolutions[0].input_channels = 1;
  EXPECT_FALSE(has_inverted_residual_network(steps, Precision::fp32));
  steps = efficientnet_lite_steps("efficientnet_lite0");
  steps[2].convolutions[0].groups = 2;
  EXPECT_FALSE(has_inverted_residual_network(steps, Precision::fp32));
  steps = efficientnet_lite_steps("efficientnet_lite0");
  steps[4].convolutions[1].activation = Activation::silu;
  EXPECT_FALSE(has_inverted_residual_network(steps, Precision::fp32));
  EXPECT_FALSE(
      has_inverted_residual_network(efficientnet_steps("efficientnet_b0"), Precision::fp32));
}

// Frames of several streams go through one network at the same time.
TEST(InvertedResidualNetwork, MayBeCalledFromManyThreads) {
  const std::vector<std::string> layers = {"blocks.4"};
  const auto network = make_inverted_residual_network(
      efficientnet_lite_steps("efficientnet_lite0"), layers,
      test::formula_weights("efficientnet_lite0", layers), "", Precision::fp32);
  const InputTensor inputs[] = {make_input(1, 64, 64), make_input(1, 96, 33)};
  const FeatureMaps expected[] = {network->extract(inputs[0]), network->extract(inputs[1])};
  FeatureMaps found[4];
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) found[i] = network->extract(inputs[i % 2]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i) expect_near(found[i], expected[i % 2], 1e-6);
}

TEST(InvertedResidualNetwork, MapsOutliveTheNetworkAndLaterFrames) {
  const std::vector<std::string> layers = {"blocks.1"};
  const TensorTable weights = test::formula_weights("efficientnet_lite0", layers);
  const std::vector<NetworkStep> steps = efficientnet_lite_steps("efficientnet_lite0");
  FeatureMaps maps;
  std::vector<float> copy;
  {
    const auto network =
        make_inverted_residual_network(steps, layers, weights, "", Precision::fp32);
    maps = network->extract(make_input(1, 32, 32));
    copy.assign(maps[0].values.get(), maps[0].values.get() + values_of(maps[0]));
    network->extract({1, 32, 32, std::vector<float>(std::size_t{3} * 32 * 32, 0.5F)});
  }
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), maps[0].values.get()));
}

TEST(InvertedResidualNetwork, RefusesInputThatDoesNotFit) {
  const std::vector<std::string> layers = {"blocks.4"};
  const auto network = make_inverted_residual_network(
      efficientnet_lite_steps("efficientnet_lite0"), layers,
      test::formula_weights("efficientnet_lite0", layers), "", Precision::fp32);
  const auto code_of = [&](const InputTensor& input) {
    try {
      network->extract(input);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::cancelled;
  };
  EXPECT_EQ(code_of(make_input(1, 7, 8)), ErrorCode::unsupported_frame);
  EXPECT_EQ(code_of(make_input(0, 8, 8)), ErrorCode::unsupported_frame);
  InputTensor input = make_input(1, 8, 8);
  input.values.pop_back();
  EXPECT_EQ(code_of(input), ErrorCode::invalid_argument);
}

}  // namespace patchcore
