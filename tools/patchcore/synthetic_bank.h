// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A memory bank of any size for measurements, where there is no trained one.
#pragma once

#include <string>

#include "core/trainer.h"
#include "core/types.h"

namespace patchcore {

struct SyntheticBankOptions {
  TrainerOptions trainer;    ///< backbone, weights, sizes, dimensions; the sampler is ours
  std::int64_t patches = 0;  ///< of the bank, at least 1
  Size frame;
};

/// Trains a bank on synthetic frames: real features, so that a search behaves as it does in use.
/// @throws Error
void write_synthetic_bank(const std::string& path, SyntheticBankOptions options);

}  // namespace patchcore
