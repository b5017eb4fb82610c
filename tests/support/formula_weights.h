// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Weights that any program can make: each value follows from the parameter's name and its index.
#pragma once

#include <string>
#include <vector>

#include "core/weights/tensor_table.h"

namespace patchcore::test {

/// The parameters of a backbone up to the last of @p layers, as the reference values were computed
/// with: u(i) = (splitmix64(fnv1a64(name) + i) >> 40) / 2^23 - 1, scaled by the parameter's kind.
TensorTable formula_weights(const std::string& backbone, const std::vector<std::string>& layers);

}  // namespace patchcore::test
