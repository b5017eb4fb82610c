// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore evaluate`: how well banks tell defective pictures of a data set from good ones.
#pragma once

namespace CLI {
class App;
}

namespace patchcore {

/// Adds the subcommand. It throws Error where a category cannot be evaluated.
void add_evaluate_command(CLI::App& app);

}  // namespace patchcore
