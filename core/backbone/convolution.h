// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution with the batch normalization and the activation that follow it, as one step.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "core/backbone/convolution_description.h"
#include "core/backbone/convolution_method.h"
#include "core/backbone/folded_convolution.h"
#include "core/device.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// The step with its weights, normalization folded into them.
class Convolution {
 public:
  /// @param weights    has the parameters_of() the description, in the shapes they must have
  /// @param origin     the file, for messages
  /// @param precision  of input, output and weights; sums are float32. fp32 or bf16 on the
  ///                   processor
  /// @param method     one of convolution_methods(precision); aten on other devices
  /// @param device     of input and output
  /// @throws Error corrupt if the folded weights are not finite
  Convolution(const ConvolutionDescription& description, const TensorTable& weights,
              const std::string& origin, Precision precision, ConvolutionMethod method,
              const Device& device = {});

  /// @param input     [batch, channels, height, width], channels_last in memory; left as it is
  /// @param shortcut  added before the activation if defined: of the output's shape and format;
  ///                  left as it is
  /// @return a tensor of its own in the same format
  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut = {}) const;

 private:
  ConvolutionDescription description_;
  /// [rows][columns]: 1 where the zeros at the end are one more than those before; null where the
  /// description never needs it.
  std::unique_ptr<const ConvolutionOperator> operators_[2][2];
};

}  // namespace patchcore
