// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Tensors as the kernels take them.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/kernels/bfloat16.h"

namespace patchcore {

/// @tparam Value  float or Bfloat16Bits
template <typename Value>
struct KernelTensor;

template <>
struct KernelTensor<float> {
  static constexpr at::ScalarType type = at::kFloat;
  static constexpr std::int64_t values_together = 1;  ///< that a product takes
  static float* values(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }
};

template <>
struct KernelTensor<Bfloat16Bits> {
  static constexpr at::ScalarType type = at::kBFloat16;
  static constexpr std::int64_t values_together = 2;
  static Bfloat16Bits* values(const at::Tensor& tensor) {
    return reinterpret_cast<Bfloat16Bits*>(tensor.data_ptr<at::BFloat16>());
  }
};

}  // namespace patchcore
