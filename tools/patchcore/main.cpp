// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The command line program `patchcore`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tools/patchcore/bank_command.h"
#include "tools/patchcore/benchmark_command.h"
#include "tools/patchcore/evaluate_command.h"
#include "tools/patchcore/train_command.h"

int main(int argc, char** argv) {
  CLI::App app("PatchCore anomaly detection: tools around the memory bank", "patchcore");
  app.set_version_flag("--version", PATCHCORE_VERSION);
  app.require_subcommand(1);
  patchcore::add_bank_command(app);
  patchcore::add_train_command(app);
  patchcore::add_evaluate_command(app);
  patchcore::add_benchmark_command(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "patchcore: %s\n", error.what());
    return 1;
  }
}
