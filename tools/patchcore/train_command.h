// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore train`: memory banks from folders of pictures.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error where it cannot train.
void add_train_command(CLI::App& app);

}  // namespace patchcore
