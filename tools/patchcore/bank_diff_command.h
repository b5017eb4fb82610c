// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank diff`: in what two bank files differ.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It ends with the exit status 1 where they differ, and throws Error where
/// they cannot be read.
void add_bank_diff_command(CLI::App& bank);

}  // namespace patchcore
