// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What follows the sums of a convolution where LibTorch does not do it: one pass over them.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/backbone/convolution_description.h"

namespace patchcore {

/// sums = activation(sums + bias + shortcut), computed in float32.
/// @param sums      [batch, channels, height, width], float32 or bfloat16, channels_last
/// @param bias      [channels], float32
/// @param shortcut  like the sums, or undefined
void finish_convolution(const at::Tensor& sums, const at::Tensor& bias, const at::Tensor& shortcut,
                        Activation activation);

}  // namespace patchcore
