// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training and detection in Python, named as the properties of the elements.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "core/trainer.h"

namespace patchcore {

/// What Python knows as TrainerOptions: the settings that say what the members of an ensemble are
/// remain as they are written, one after the other, until all are there.
struct TrainingSettings : TrainerOptions {
  std::string backbone_text;
  std::string layers_text;
  std::string weights_text;

  /// With the members that the texts say.
  /// @throws Error as parse_members()
  TrainerOptions resolved() const;
};

/// Adds TrainerOptions, DetectorOptions and DetectionOptions. One that was just made has the
/// engine's defaults, which are those of the elements; what the backbone decides is None.
/// preset_options() gives TrainerOptions of a preset.
void bind_settings(pybind11::module_& module);

}  // namespace patchcore
