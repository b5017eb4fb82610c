// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the choice of the backbone's numbers, and that the coarse ones give nearly the same
// features.
#include "core/backbone/precision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/backbone/backbone.h"
#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

InputTensor make_input() {
  InputTensor input;
  input.batch = 2;
  input.height = 64;
  input.width = 96;
  for (int i = 0; i < 2 * 3 * 64 * 96; ++i) {
    input.values.push_back(static_cast<float>(std::sin(0.37 * i) + std::cos(0.011 * i)));
  }
  return input;
}

double length(const FeatureMap& map, const float* less) {
  double sum = 0;
  const std::size_t count = std::size_t{1} * map.batch * map.height * map.width * map.channels;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = double{map.values.get()[i]} - (less != nullptr ? less[i] : 0);
    sum += value * value;
  }
  return std::sqrt(sum);
}

}  // namespace

TEST(Precision, IsCoarseOnlyWhereThatIsFaster) {
  PrecisionSupport support;
  EXPECT_EQ(resolve_precision(Precision::automatic, support), Precision::fp32);
  support.bf16_convolutions = true;
  EXPECT_EQ(resolve_precision(Precision::automatic, support), Precision::fp32);
  support.fast_bf16 = true;
  EXPECT_EQ(resolve_precision(Precision::automatic, support), Precision::bf16);
}

TEST(Precision, IsWhatWasAskedFor) {
  for (const bool fast : {false, true}) {
    const PrecisionSupport support{fast, fast};
    EXPECT_EQ(resolve_precision(Precision::fp32, support), Precision::fp32);
    EXPECT_EQ(resolve_precision(Precision::bf16, support), Precision::bf16);
    EXPECT_ERROR(resolve_precision(Precision::fp16, support), invalid_argument, "bf16 or fp32");
  }
}

TEST(Precision, OfAGpuIsFp16UnlessAskedForOtherwise) {
  const Device gpu = {DeviceKind::cuda, 0};
  for (const PrecisionSupport& support : {PrecisionSupport{}, PrecisionSupport{true, true}}) {
    EXPECT_EQ(resolve_precision(Precision::automatic, support, gpu), Precision::fp16);
    for (const Precision asked : {Precision::fp32, Precision::bf16, Precision::fp16}) {
      EXPECT_EQ(resolve_precision(asked, support, gpu), asked);
    }
  }
}

// A bank is the same whichever processor makes it, unless another precision is asked for.
TEST(Precision, OfTrainingDoesNotDependOnTheProcessor) {
  const Device gpu = {DeviceKind::cuda, 0};
  EXPECT_EQ(training_precision(Precision::automatic, {}), Precision::fp32);
  EXPECT_EQ(training_precision(Precision::automatic, gpu), Precision::automatic);
  for (const Precision asked : {Precision::fp32, Precision::bf16, Precision::fp16}) {
    EXPECT_EQ(training_precision(asked, {}), asked);
    EXPECT_EQ(training_precision(asked, gpu), asked);
  }
}

TEST(Precision, OfMachinesIsConsistent) {
  const PrecisionSupport support = precision_support();
  EXPECT_TRUE(support.bf16_convolutions || !support.fast_bf16);
}

// Every kind of convolution of all families, on whatever this machine computes bf16 with.
TEST(Precision, Bf16GivesNearlyTheSameFeatures) {
  use_threads(0);
  const InputTensor input = make_input();
  struct Case {
    const char* name;
    std::vector<std::string> layers;
  };
  for (const Case& network :
       {Case{"resnet18", {"layer1", "layer2"}}, Case{"resnext50_32x4d", {"layer2"}},
        Case{"efficientnet_lite0", {"blocks.4", "blocks.6"}},
        Case{"tf_efficientnet_b0", {"blocks.2"}}, Case{"densenet121", {"features.denseblock2"}},
        Case{"vgg11", {"features.7"}}}) {
    SCOPED_TRACE(network.name);
    const TensorTable weights = test::formula_weights(network.name, network.layers);
    const FeatureMaps exact =
        make_backbone(network.name, network.layers, weights, "formula")->extract(input);
    const FeatureMaps coarse =
        make_backbone(network.name, network.layers, weights, "formula", Precision::bf16)
            ->extract(input);
    ASSERT_EQ(coarse.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      ASSERT_EQ(coarse[i].height, exact[i].height);
      ASSERT_EQ(coarse[i].channels, exact[i].channels);
      const double error = length(coarse[i], exact[i].values.get()) / length(exact[i], nullptr);
      EXPECT_LT(error, 0.03);
      EXPECT_GT(error, 0);
    }
  }
}

}  // namespace patchcore
