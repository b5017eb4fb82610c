// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution with the batch normalization and the activation that follow it, as one step.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

enum class Padding {
  centred,          ///< (kernel - 1) / 2 zeros on all sides, as PyTorch's networks have it
  tensorflow_same,  ///< what makes the output ceil(input / stride); an odd zero goes to the end
};

enum class Activation { none, relu, relu6 };

/// A square convolution without bias, then batch normalization, then the activation.
struct ConvolutionDescription {
  std::string name;  ///< the parameter is NAME.weight
  std::string
      normalization;  ///< the parameters are NAME.weight, .bias, .running_mean, .running_var
  int input_channels = 0;
  int output_channels = 0;
  int kernel = 1;
  int stride = 1;
  int groups = 1;
  Padding padding = Padding::centred;
  double epsilon = 1e-5;                     ///< of the normalization
  Activation activation = Activation::none;  ///< after the shortcut, where there is one
};

/// The five parameters.
std::vector<ParameterShape> parameters_of(const ConvolutionDescription& description);

/// The step with its weights, normalization folded into them (computed in double precision).
class Convolution {
 public:
  /// @param weights    has the parameters_of() the description, in the shapes they must have
  /// @param origin     the file, for messages
  /// @param precision  fp32 or bf16: of input, output and weights; sums are float32
  /// @throws Error corrupt if the folded weights are not finite
  Convolution(const ConvolutionDescription& description, const TensorTable& weights,
              const std::string& origin, Precision precision = Precision::fp32);

  /// @param input     [batch, channels, height, width], channels_last in memory; left as it is
  /// @param shortcut  added before the activation if defined: of the output's shape and format
  /// @return a tensor of its own in the same format
  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut = {}) const;

 private:
  template <typename Value>
  void finish_output(const at::Tensor& output, const at::Tensor& shortcut) const;

  ConvolutionDescription description_;
  at::Tensor weight_;
  std::vector<float> bias_;
};

}  // namespace patchcore
