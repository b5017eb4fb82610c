// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Which numbers the backbone computes with.
#pragma once

#include "core/options.h"

namespace patchcore {

/// What decides it, of this machine and its LibTorch.
struct PrecisionSupport {
  bool bf16_convolutions = false;  ///< oneDNN computes them; otherwise LibTorch does, slowly
  bool fast_bf16 = false;          ///< and the processor has instructions for them
};

PrecisionSupport precision_support();

/// Replaces Precision::automatic: bf16 where that is faster, otherwise fp32.
/// @throws Error invalid_argument for fp16, which processors have no use for
Precision resolve_precision(Precision asked, const PrecisionSupport& support);

}  // namespace patchcore
