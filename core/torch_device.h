// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// LibTorch on the device that was chosen: its name for it, its arithmetic, its exceptions.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "core/device.h"

namespace patchcore {

at::Device torch_device(const Device& device);

/// Makes GPUs compute float32 products with all 24 bits, and not in TF32 with 11. One setting for
/// the process; error bounds rely on it.
void forbid_tf32();

/// To be called where an exception of LibTorch was caught.
/// @param task  what failed, as it follows "to": "run the network"
/// @throws Error no_space where memory, also that of a GPU, was full, otherwise internal; an Error
///         is passed on as it is
[[noreturn]] void throw_torch_error(const std::string& task, const Device& device);

}  // namespace patchcore
