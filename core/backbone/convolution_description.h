// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a network says of each of its convolutions.
#pragma once

#include <string>
#include <vector>

#include "core/backbone/backbone.h"

namespace patchcore {

enum class Padding {
  centred,          ///< (kernel - 1) / 2 zeros on all sides, as PyTorch's networks have it
  tensorflow_same,  ///< what makes the output ceil(input / stride); an odd zero goes to the end
};

enum class Activation { none, relu, relu6, silu, sigmoid };

/// A square convolution, then batch normalization where there is one, then the activation.
struct ConvolutionDescription {
  /// The parameter is NAME.weight. Empty: there is no convolution, the normalization is all: kernel
  /// and stride are 1, each channel is a group.
  std::string name;
  /// The parameters are NAME.weight, .bias, .running_mean, .running_var. Empty: there is none.
  std::string normalization;
  bool has_bias = false;  ///< of the convolution: the parameter is NAME.bias, of its name
  int input_channels = 0;
  int output_channels = 0;
  int kernel = 1;
  int stride = 1;  ///< 1 or 2
  int groups = 1;
  Padding padding = Padding::centred;
  double epsilon = 1e-5;                     ///< of the normalization
  Activation activation = Activation::none;  ///< after the shortcut, where there is one
};

/// Up to six, those of the convolution first.
std::vector<ParameterShape> parameters_of(const ConvolutionDescription& description);

}  // namespace patchcore
