// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Which numbers the backbone computes with.
#pragma once

#include "core/device.h"
#include "core/options.h"

namespace patchcore {

/// What decides it on the processor, of this machine and its LibTorch.
struct PrecisionSupport {
  bool bf16_convolutions = false;  ///< oneDNN computes them; otherwise LibTorch does, slowly
  bool fast_bf16 = false;          ///< and the processor has instructions for them
};

PrecisionSupport precision_support();

/// Replaces Precision::automatic: fp16 on a GPU; on the processor bf16 where that is faster,
/// otherwise fp32.
/// @throws Error invalid_argument for fp16 on the processor, which has no use for it
Precision resolve_precision(Precision asked, const PrecisionSupport& support,
                            const Device& device = {});

/// What to ask for in order to make a bank: automatic is fp32 on every processor. Which patches the
/// coreset picks changes with the slightest rounding, and a bank serves machines of all kinds.
Precision training_precision(Precision asked, const Device& device);

}  // namespace patchcore
