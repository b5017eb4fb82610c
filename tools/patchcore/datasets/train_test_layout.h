// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Data sets as MVTec AD and BTAD lie in folders.
#pragma once

#include <string>

#include "tools/patchcore/datasets/dataset.h"

namespace patchcore {

/// Whether @p folder is one of its categories: it has the folders `train` and `test`.
bool is_train_test_category(const std::string& folder);

/// Reads a category:
///
///   train/good/*                        good pictures
///   test/good/*, test/TYPE/*            pictures to test with
///   ground_truth/TYPE/NAME_mask.*       the mask of test/TYPE/NAME.*, or NAME.*
///
/// Good pictures may lie in `ok` or `normal`, too. What is missing becomes a note.
/// @throws Error not_found, read_failed
Category read_train_test_category(const std::string& folder);

}  // namespace patchcore
