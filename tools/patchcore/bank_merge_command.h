// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank merge`: one bank of several that were trained on shards.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error.
void add_bank_merge_command(CLI::App& bank);

}  // namespace patchcore
