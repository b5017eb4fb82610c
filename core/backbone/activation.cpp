// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The activations by aten's operators.
#include "core/backbone/activation.h"

#include <ATen/ops/silu.h>

namespace patchcore {

void activate(const at::Tensor& values, Activation activation) {
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      values.relu_();
      break;
    case Activation::relu6:
      values.clamp_(0, 6);
      break;
    case Activation::silu: {
      at::Tensor same_values = values;
      at::silu_(same_values);
      break;
    }
    case Activation::sigmoid:
      values.sigmoid_();
      break;
  }
}

}  // namespace patchcore
