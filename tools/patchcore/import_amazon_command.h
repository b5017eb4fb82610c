// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank import-amazon`: banks of the published implementation.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand to `patchcore bank`. It throws Error.
void add_import_amazon_command(CLI::App& bank);

}  // namespace patchcore
