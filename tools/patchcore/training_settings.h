// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training as command line options, named as patchcoretrain's properties.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/trainer.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace patchcore {

/// Options that say how frames are computed, whether they train or are detected in.
struct EngineSettings {
  std::vector<CLI::Option*> engine;    ///< weights, precision, device, ...
  std::vector<CLI::Option*> training;  ///< the others: a bank that is there has its own
};

/// Adds one option for each setting; they are parsed into @p options, which must outlive the
/// command. Ranges are checked by the engine.
EngineSettings add_training_settings(CLI::App& command, TrainerOptions& options);

/// Those that have a say in what comes out, by the options' names. Where the backbone decides, the
/// value is null.
nlohmann::ordered_json training_settings_json(const TrainerOptions& options);

}  // namespace patchcore
