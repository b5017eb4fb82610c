// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore benchmark`: how long every stage of detection takes on this machine.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error where it cannot measure.
void add_benchmark_command(CLI::App& app);

}  // namespace patchcore
