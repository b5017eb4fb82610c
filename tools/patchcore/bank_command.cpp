// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank`: what is done with memory-bank files apart from training and detection.
#include "tools/patchcore/bank_command.h"

#include <CLI/CLI.hpp>

#include "tools/patchcore/bank_diff_command.h"
#include "tools/patchcore/bank_export_command.h"
#include "tools/patchcore/bank_info_command.h"
#include "tools/patchcore/bank_merge_command.h"
#include "tools/patchcore/bank_recalibrate_command.h"
#include "tools/patchcore/bank_verify_command.h"
#include "tools/patchcore/import_amazon_command.h"

namespace patchcore {

void add_bank_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bank", "Look at and make memory-bank files");
  command->require_subcommand(1);
  add_bank_info_command(*command);
  add_bank_verify_command(*command);
  add_bank_diff_command(*command);
  add_bank_merge_command(*command);
  add_bank_recalibrate_command(*command);
  add_bank_export_command(*command);
  add_import_amazon_command(*command);
}

}  // namespace patchcore
