// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank merge`: one bank of several that were trained on shards.
#include "tools/patchcore/bank_merge_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/ensemble_merging.h"
#include "core/threads.h"
#include "tools/patchcore/existing_files.h"

namespace patchcore {
namespace {

struct MergeOptions {
  std::vector<std::string> shards;
  std::string bank;
  std::int64_t patches = 0;
  bool replace = false;
  int threads = 0;
  BankMergingOptions merging;
};

void merge(MergeOptions options) {
  refuse_to_overwrite(options.bank, options.replace);
  check_bank_path_writable(options.bank);
  use_threads(options.threads);
  std::vector<BankEnsemble> shards;
  for (const std::string& path : options.shards) shards.push_back(read_bank_ensemble(path));
  if (options.patches > 0) options.merging.patches = options.patches;
  const BankEnsemble merged = merge_ensembles(std::move(shards), options.shards, options.merging);
  write_bank_ensemble(options.bank, merged);
  std::string sizes;
  for (const BankFile& member : merged.members) {
    sizes += (sizes.empty() ? "" : ", ") + std::to_string(member.bank.rows) + " x " +
             std::to_string(member.bank.columns);
  }
  std::printf("%s: %s from %lld frames, threshold %.5g%s\n", options.bank.c_str(), sizes.c_str(),
              static_cast<long long>(merged.members.front().frames), merged.calibration.threshold,
              merged.calibration.is_guess ? " (a guess: too few held-out frames)" : "");
}

}  // namespace

void add_bank_merge_command(CLI::App& bank) {
  const auto options = std::make_shared<MergeOptions>();
  CLI::App* command = bank.add_subcommand(
      "merge", "Make one bank of several that were trained with the same settings");
  command->add_option("shards", options->shards, "Memory-bank files, two or more")->required();
  command->add_option("--bank", options->bank, "Memory-bank file to write")->required();
  command
      ->add_option(
          "--patches", options->patches,
          "Patches to keep, of an ensemble by each member; 0: as many as one training would")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--weights", options->merging.weights,
                      "Weights of banks that hold none, of an ensemble several with semicolons "
                      "(not set: searched for)");
  command->add_flag("--allow-torchscript", options->merging.allow_torchscript,
                    "Run the TorchScript file that the banks were trained with");
  command->add_flag("--replace", options->replace, "Replace a file that exists");
  command->add_option("--threads", options->threads, "Computing threads; 0: all processors")
      ->capture_default_str()
      ->check(CLI::Range(0, max_threads));
  command->callback([options] { merge(*options); });
}

}  // namespace patchcore
