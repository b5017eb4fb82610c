// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of a convolution with the batch normalization that follows folded into them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/backbone/convolution_description.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// One linear step: weight * input + bias.
struct FoldedConvolution {
  at::Tensor weight;  ///< [outputs, inputs / groups, kernel, kernel], float32, channels_last
  at::Tensor bias;    ///< [outputs], float32
};

/// Computed in double precision, rounded once.
/// @param weights  has the parameters_of() the description, in the shapes they must have
/// @param origin   the file, for messages
/// @throws Error corrupt if the folded values are not finite
FoldedConvolution fold_convolution(const ConvolutionDescription& description,
                                   const TensorTable& weights, const std::string& origin);

}  // namespace patchcore
