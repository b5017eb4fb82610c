// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the running of networks: which steps run, whose memory maps are, which input is refused.
#include "core/backbone/network.h"

#include <ATen/ops/max_pool2d.h>
#include <gtest/gtest.h>

#include <cmath>
#include <new>
#include <numeric>
#include <stdexcept>

#include "core/backbone/densenet.h"
#include "core/backbone/efficientnet.h"
#include "core/backbone/efficientnet_lite.h"
#include "core/backbone/resnet.h"
#include "core/error.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

at::Tensor halve(const std::vector<Convolution>&, const at::Tensor& input) {
  return at::max_pool2d(input, {2, 2});
}

at::Tensor negate(const std::vector<Convolution>&, const at::Tensor& input) {
  return input.neg();
}

at::Tensor fail(const std::vector<Convolution>&, const at::Tensor&) {
  throw std::runtime_error("this step must not run");
}

at::Tensor run_out_of_memory(const std::vector<Convolution>&, const at::Tensor&) {
  throw std::bad_alloc();
}

/// halve -> negate -> the step given
std::vector<NetworkStep> make_steps(decltype(&fail) last) {
  return {
      {{"half"}, 2, {}, halve}, {{"negative", "first"}, 2, {}, negate}, {{"last"}, 4, {}, last}};
}

InputTensor make_input(int batch, int height, int width) {
  InputTensor input{batch, height, width, {}};
  input.values.resize(static_cast<std::size_t>(batch) * 3 * height * width);
  std::iota(input.values.begin(), input.values.end(), 0.0F);
  return input;
}

ErrorCode code_of_extract(const Network& network, const InputTensor& input) {
  try {
    network.extract(input);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::cancelled;
}

/// @param tolerance  of the length of the difference, in lengths of the map
void expect_near(const FeatureMaps& maps, const FeatureMaps& expected, double tolerance) {
  ASSERT_EQ(maps.size(), expected.size());
  for (std::size_t i = 0; i < maps.size(); ++i) {
    ASSERT_EQ(maps[i].height, expected[i].height);
    ASSERT_EQ(maps[i].channels, expected[i].channels);
    const int count = maps[i].batch * maps[i].height * maps[i].width * maps[i].channels;
    double difference = 0;
    double length = 0;
    for (int j = 0; j < count; ++j) {
      const double value = expected[i].values.get()[j];
      difference += std::pow(maps[i].values.get()[j] - value, 2);
      length += value * value;
    }
    EXPECT_LE(std::sqrt(difference), tolerance * std::sqrt(length));
  }
}

}  // namespace

TEST(Network, GivesLayersInTheOrderAskedForAndStopsAfterTheLast) {
  const Network network(make_steps(fail), {"first", "half", "negative"}, {}, "", Precision::fp32,
                        ConvolutionMethod::plain);
  const FeatureMaps maps = network.extract(make_input(2, 4, 6));
  ASSERT_EQ(maps.size(), 3U);
  EXPECT_EQ(maps[0].layer, "first");
  EXPECT_EQ(maps[1].layer, "half");
  EXPECT_EQ(maps[2].layer, "negative");
  EXPECT_EQ(network.max_stride(), 2);
  for (const FeatureMap& map : maps) {
    EXPECT_EQ(map.batch, 2);
    EXPECT_EQ(map.height, 2);
    EXPECT_EQ(map.width, 3);
    EXPECT_EQ(map.channels, 3);
  }
  // The largest of each 2 x 2 is its lower right; channels lie together.
  for (int channel = 0; channel < 3; ++channel) {
    const float expected = static_cast<float>(72 + channel * 24 + 1 * 6 + 1 + 12 + 2);
    EXPECT_EQ(maps[1].values.get()[((2 + 1) * 3 + 1) * 3 + channel], expected);
    EXPECT_EQ(maps[0].values.get()[((2 + 1) * 3 + 1) * 3 + channel], -expected);
  }
}

// The way of GPUs, on the processor: all of it but the copies between their memories.
TEST(Network, GivesTheSameByAtensOperators) {
  struct Case {
    const char* name;
    std::vector<NetworkStep> steps;
    std::vector<std::string> layers;
  };
  InputTensor input = make_input(2, 64, 96);
  for (float& value : input.values) value = std::sin(0.37F * value) + std::cos(0.011F * value);
  for (const Case& network :
       {Case{"resnet18", resnet_steps("resnet18"), {"layer1", "layer2"}},
        Case{"efficientnet_lite0",
             efficientnet_lite_steps("efficientnet_lite0"),
             {"blocks.2", "blocks.4"}},
        Case{"efficientnet_b0", efficientnet_steps("efficientnet_b0"), {"features.3"}},
        Case{"densenet121", densenet_steps("densenet121"), {"features.denseblock2"}}}) {
    SCOPED_TRACE(network.name);
    const TensorTable weights = test::formula_weights(network.name, network.layers);
    const auto extract = [&](Precision precision, ConvolutionMethod method) {
      return Network(network.steps, network.layers, weights, "", precision, method).extract(input);
    };
    const FeatureMaps plain = extract(Precision::fp32, ConvolutionMethod::plain);
    expect_near(extract(Precision::fp32, ConvolutionMethod::aten), plain, 1e-5);
    expect_near(extract(Precision::bf16, ConvolutionMethod::aten), plain, 0.03);
  }
}

TEST(Network, MapsOutliveTheNetworkAndLaterFrames) {
  FeatureMaps maps;
  {
    const Network network(make_steps(halve), {"half"}, {}, "", Precision::fp32,
                          ConvolutionMethod::plain);
    maps = network.extract(make_input(1, 4, 4));
    InputTensor other = make_input(1, 4, 4);
    for (float& value : other.values) value = -1;
    network.extract(other);
  }
  EXPECT_EQ(maps[0].values.get()[0], 5);
}

TEST(Network, RefusesInputSmallerThanItsStride) {
  const Network network(make_steps(halve), {"half", "last"}, {}, "", Precision::fp32,
                        ConvolutionMethod::plain);
  EXPECT_EQ(network.max_stride(), 4);
  EXPECT_EQ(network.extract(make_input(1, 4, 4)).size(), 2U);
  EXPECT_EQ(code_of_extract(network, make_input(1, 3, 4)), ErrorCode::unsupported_frame);
  EXPECT_EQ(code_of_extract(network, make_input(1, 4, 3)), ErrorCode::unsupported_frame);
  EXPECT_EQ(code_of_extract(network, make_input(0, 4, 4)), ErrorCode::unsupported_frame);
}

TEST(Network, RefusesInputWithoutItsValues) {
  const Network network(make_steps(halve), {"half"}, {}, "", Precision::fp32,
                        ConvolutionMethod::plain);
  InputTensor input = make_input(1, 4, 4);
  input.values.pop_back();
  EXPECT_EQ(code_of_extract(network, input), ErrorCode::invalid_argument);
}

TEST(Network, TurnsForeignExceptionsIntoErrors) {
  EXPECT_EQ(code_of_extract(Network(make_steps(fail), {"last"}, {}, "", Precision::fp32,
                                    ConvolutionMethod::plain),
                            make_input(1, 4, 4)),
            ErrorCode::internal);
  EXPECT_EQ(code_of_extract(Network(make_steps(run_out_of_memory), {"last"}, {}, "",
                                    Precision::fp32, ConvolutionMethod::plain),
                            make_input(1, 4, 4)),
            ErrorCode::no_space);
}

}  // namespace patchcore
