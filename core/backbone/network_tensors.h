// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Between the engine's plain types and LibTorch's tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/types.h"

namespace patchcore {

/// @throws Error unsupported_frame if a side is smaller than @p max_stride, invalid_argument if the
///         values are not as many as the size says
void check_input(const InputTensor& input, int max_stride);

/// A view of picture @p first and the @p count - 1 that follow it, [count, 3, height, width].
/// Nobody may write to it.
at::Tensor view_input(const InputTensor& input, int first, int count);

/// The tensor's own memory, if it is float32, channels_last and the processor's, as a feature map:
/// no copy, alive for as long as the map is.
/// @param tensor  [batch, channels, height, width]
FeatureMap share_feature_map(const std::string& layer, const at::Tensor& tensor);

}  // namespace patchcore
