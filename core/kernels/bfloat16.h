// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// bfloat16 as the kernels know it.
#pragma once

#include <cstdint>

namespace patchcore {

/// The upper half of a float32.
using Bfloat16Bits = std::uint16_t;

}  // namespace patchcore
