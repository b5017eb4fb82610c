// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of detection as options of commands that load a bank.
#pragma once

#include <CLI/CLI.hpp>

#include "core/detector.h"

namespace patchcore {

/// Adds options that are called as the properties of patchcoredetect.
/// @param options  what they are stored in; must outlive @p command
void add_detector_settings(CLI::App& command, DetectorOptions& options);

}  // namespace patchcore
