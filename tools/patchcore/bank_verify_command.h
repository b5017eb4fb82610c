// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank verify`: whether a bank file is whole and works on this machine.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error.
void add_bank_verify_command(CLI::App& bank);

}  // namespace patchcore
