// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Anomaly maps in arrays of NumPy.
#pragma once

#include <pybind11/numpy.h>

#include "core/types.h"

namespace patchcore {

/// A copy, height x width.
pybind11::array_t<float> array_of(const ScoreMap& map);

/// Adds full_map() and heatmap(), which draw what a result says.
void bind_map_arrays(pybind11::module_& module);

}  // namespace patchcore
