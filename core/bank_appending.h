// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether the patches of a new training run may join an existing bank.
#pragma once

#include <string>

#include "core/bank_file.h"

namespace patchcore {

/// Compares what the meaning of patches, scores and threshold depends on, save for the weights:
/// backbone, layers, precision, preprocessing, region, mask, embedding, scoring, and an approximate
/// index. How the coreset is chosen may differ.
/// @param existing  the bank
/// @param wanted    the settings of the new run; the rest of it is not looked at. Of
///                  Precision::automatic nothing is asked.
/// @param path      of the existing bank, for messages
/// @throws Error invalid_argument that names every difference, with both values
void require_same_settings(const BankFile& existing, const BankFile& wanted,
                           const std::string& path);

/// The same for the weights, which are looked for only if all else agrees.
/// @throws Error invalid_argument
void require_same_weights(const BankFile& existing, const std::string& wanted_sha256,
                          const std::string& path);

}  // namespace patchcore
