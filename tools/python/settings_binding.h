// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training and detection in Python, named as the properties of the elements.
#pragma once

#include <pybind11/pybind11.h>

namespace patchcore {

/// Adds TrainerOptions, DetectorOptions and DetectionOptions. One that was just made has the
/// engine's defaults, which are those of the elements; what the backbone decides is None.
/// preset_options() gives TrainerOptions of a preset.
void bind_settings(pybind11::module_& module);

}  // namespace patchcore
