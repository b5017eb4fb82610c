// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What every new bank file gets last: how it is searched, its self-test, and who wrote it when.
#pragma once

#include "core/bank_file.h"
#include "core/frame_embedding.h"

namespace patchcore {

/// Sets search, self_test, created and program_version; all else of @p file is there already.
/// @param embedding  that the bank was made with
/// @throws Error
void complete_bank(BankFile& file, const FrameEmbedding& embedding);

}  // namespace patchcore
