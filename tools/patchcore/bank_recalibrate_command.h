// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank recalibrate`: a new threshold from good pictures.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error.
void add_bank_recalibrate_command(CLI::App& bank);

}  // namespace patchcore
