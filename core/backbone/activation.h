// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The activations by aten's operators.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/backbone/convolution_description.h"

namespace patchcore {

/// values = activation(values), on any device and in any floating-point type.
void activate(const at::Tensor& values, Activation activation);

}  // namespace patchcore
