// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A small picture with its score in every bank file, computed again when the bank is loaded.
#pragma once

#include <string>

#include "core/bank_file.h"
#include "core/frame_embedding.h"
#include "core/scoring.h"

namespace patchcore {

/// A picture made by a formula, scored by the bank as it will be loaded.
SelfTest make_self_test(const FrameEmbedding& embedding, const Scoring& scoring);

/// @param exact  whether both the trainer and this program compute in fp32; if not, the score may
///               differ ten times as much
/// @throws Error corrupt if the score differs by more than one part in a hundred, which is more
///               than rounding on another processor or with another LibTorch makes
void check_self_test(const SelfTest& test, const FrameEmbedding& embedding, const Scoring& scoring,
                     bool exact, const std::string& bank_path);

}  // namespace patchcore
