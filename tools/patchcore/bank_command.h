// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank`: what is done with memory-bank files apart from training and detection.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand with its own. They throw Error.
void add_bank_command(CLI::App& app);

}  // namespace patchcore
