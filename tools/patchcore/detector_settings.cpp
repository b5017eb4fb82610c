// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of detection as options of commands that load a bank.
#include "tools/patchcore/detector_settings.h"

#include "core/threads.h"
#include "tools/patchcore/setting_names.h"

namespace patchcore {

void add_detector_settings(CLI::App& command, DetectorOptions& options) {
  command.add_option("--weights", options.weights,
                     "Weights of a bank that holds none (not set: searched for)");
  command.add_flag("--allow-torchscript", options.allow_torchscript,
                   "Run the TorchScript file that a bank was trained with");
  command.add_option("--device", options.device, "As the property of patchcoredetect")
      ->capture_default_str();
  add_choice(command, "--precision", options.precision, precision_names(),
             "As the property of patchcoredetect");
  add_choice(command, "--index", options.index, index_names(),
             "As the property of patchcoredetect");
  command.add_option("--threads", options.threads, "Computing threads; 0: all processors")
      ->capture_default_str()
      ->check(CLI::Range(0, max_threads));
}

}  // namespace patchcore
