// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The definition of the nearest neighbours, for the tests of every index.
#pragma once

#include <cstddef>

#include "core/types.h"

namespace patchcore::test {

/// Compares every query with every row, by squared_row_distance(); of equal ones the first is
/// first.
Neighbours compare_with_all(const PatchMatrix& bank, const PatchMatrix& queries, std::size_t k);

}  // namespace patchcore::test
