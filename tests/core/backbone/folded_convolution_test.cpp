// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects folding: normalization goes into the weights, and damaged weights are refused.
#include "core/backbone/folded_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

/// Two 1x1 convolutions of two channels.
ConvolutionDescription describe() {
  ConvolutionDescription description;
  description.name = "conv";
  description.normalization = "bn";
  description.input_channels = 2;
  description.output_channels = 2;
  return description;
}

TensorTable make_weights() {
  const auto tensor = [](std::vector<std::int64_t> shape, std::vector<float> values) {
    return StoredTensor::from_floats(std::move(shape), values.data());
  };
  return {{"conv.weight", tensor({2, 2, 1, 1}, {1, 2, 3, 4})},
          {"bn.weight", tensor({2}, {2, 3})},
          {"bn.bias", tensor({2}, {10, 20})},
          {"bn.running_mean", tensor({2}, {0.5F, -1})},
          {"bn.running_var", tensor({2}, {4, 9})}};
}

}  // namespace

TEST(FoldedConvolution, IsTheConvolutionAndItsNormalization) {
  ConvolutionDescription description = describe();
  description.epsilon = 0;
  const FoldedConvolution folded = fold_convolution(description, make_weights(), "file");
  const auto* weight = folded.weight.data_ptr<float>();
  const auto* bias = folded.bias.data_ptr<float>();
  for (int i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(weight[i], static_cast<float>(i + 1));
  EXPECT_FLOAT_EQ(bias[0], 9.5F);
  EXPECT_FLOAT_EQ(bias[1], 21);
}

TEST(FoldedConvolution, NormalizesItsBias) {
  ConvolutionDescription description = describe();
  description.epsilon = 0;
  description.has_bias = true;
  TensorTable weights = make_weights();
  const float own[] = {1, 3};
  weights["conv.bias"] = StoredTensor::from_floats({2}, own);
  const FoldedConvolution folded = fold_convolution(description, weights, "file");
  EXPECT_FLOAT_EQ(folded.bias.data_ptr<float>()[0], 10.5F);
  EXPECT_FLOAT_EQ(folded.bias.data_ptr<float>()[1], 24);
}

TEST(FoldedConvolution, IsTheConvolutionAloneWithoutNormalization) {
  ConvolutionDescription description = describe();
  description.normalization.clear();
  EXPECT_EQ(parameters_of(description).size(), 1U);
  TensorTable weights = make_weights();
  for (const bool has_bias : {false, true}) {
    description.has_bias = has_bias;
    const float own[] = {1, 3};
    weights["conv.bias"] = StoredTensor::from_floats({2}, own);
    const FoldedConvolution folded = fold_convolution(description, weights, "file");
    for (int i = 0; i < 4; ++i)
      EXPECT_FLOAT_EQ(folded.weight.data_ptr<float>()[i], static_cast<float>(i + 1));
    EXPECT_FLOAT_EQ(folded.bias.data_ptr<float>()[1], has_bias ? 3 : 0);
  }
}

TEST(FoldedConvolution, IsTheNormalizationAloneWithoutConvolution) {
  ConvolutionDescription description = describe();
  description.name.clear();
  description.groups = 2;
  description.epsilon = 0;
  EXPECT_EQ(parameters_of(description).size(), 4U);
  const FoldedConvolution folded = fold_convolution(description, make_weights(), "file");
  ASSERT_EQ(folded.weight.numel(), 2);
  EXPECT_FLOAT_EQ(folded.weight.data_ptr<float>()[0], 1);
  EXPECT_FLOAT_EQ(folded.weight.data_ptr<float>()[1], 1);
  EXPECT_FLOAT_EQ(folded.bias.data_ptr<float>()[0], 9.5F);
  EXPECT_FLOAT_EQ(folded.bias.data_ptr<float>()[1], 21);
}

TEST(FoldedConvolution, RefusesWeightsThatAreNotFinite) {
  const ConvolutionDescription description = describe();
  for (const char* name : {"conv.weight", "bn.weight", "bn.bias", "bn.running_mean"}) {
    TensorTable weights = make_weights();
    std::vector<float> values = weights[name].to_floats();
    values[1] = std::numeric_limits<float>::quiet_NaN();
    weights[name] = StoredTensor::from_floats(weights[name].shape, values.data());
    try {
      const FoldedConvolution folded = fold_convolution(description, weights, "bad.pth");
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt);
      EXPECT_NE(std::string(error.what()).find("bad.pth"), std::string::npos);
    }
  }
}

TEST(FoldedConvolution, RefusesANegativeVariance) {
  const ConvolutionDescription description = describe();
  TensorTable weights = make_weights();
  const float negative[] = {1, -1};
  weights["bn.running_var"] = StoredTensor::from_floats({2}, negative);
  EXPECT_THROW(fold_convolution(description, weights, "bad.pth"), Error);
}

}  // namespace patchcore
