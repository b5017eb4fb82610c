// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A memory bank from picture files.
#pragma once

#include <string>
#include <vector>

#include "core/trainer.h"
#include "tools/patchcore/progress_bar.h"

namespace patchcore {

struct FolderTraining {
  TrainingReport report;
  double seconds = 0;                ///< reading, collecting and building
  std::vector<std::string> skipped;  ///< why pictures were passed over, one sentence each
};

/// Trains on the pictures in their order. Those that cannot be read or are too small are passed
/// over.
/// @param label  for the progress bar
/// @throws Error not_found if none is left, and what Trainer throws
FolderTraining train_on_pictures(const std::vector<std::string>& pictures,
                                 const TrainerOptions& options, const std::string& bank,
                                 const std::string& label, ProgressBar& progress);

}  // namespace patchcore
