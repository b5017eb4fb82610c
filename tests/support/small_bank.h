// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A bank that is valid and small, for tests of files.
#pragma once

#include "core/bank_file.h"

namespace patchcore::test {

/// Five patches of four dimensions, one tensor of weights; every setting differs from its default.
BankFile small_bank();

/// It and another one of three dimensions that sees the same of a frame.
BankEnsemble small_ensemble();

}  // namespace patchcore::test
