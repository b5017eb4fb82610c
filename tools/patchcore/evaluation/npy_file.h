// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Arrays for NumPy.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace patchcore {

/// Writes float32 values in NumPy's format (version 1.0), row-major.
/// @param shape  its product is the number of values
/// @throws Error invalid_argument if it is not, write_failed, no_space
void write_npy(const std::string& path, const std::vector<std::size_t>& shape, const float* values,
               std::size_t count);

}  // namespace patchcore
