// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank export`: the patches of a bank file for NumPy or FAISS.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error.
void add_bank_export_command(CLI::App& bank);

}  // namespace patchcore
