// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank import-amazon`: banks of the published implementation.
#include "tools/patchcore/import_amazon_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "core/bank_file.h"
#include "core/published_bank.h"
#include "core/threads.h"
#include "tools/patchcore/existing_files.h"

namespace patchcore {
namespace {

struct ImportOptions {
  std::string folder;
  std::string bank;
  bool replace = false;
  PublishedBankOptions published;
  int threads = 0;
};

void import_model(const ImportOptions& options) {
  refuse_to_overwrite(options.bank, options.replace);
  check_bank_path_writable(options.bank);
  use_threads(options.threads);
  const BankEnsemble ensemble = import_published_model(options.folder, options.published);
  write_bank_ensemble(options.bank, ensemble);
  const std::size_t members = ensemble.members.size();
  std::printf("%s:%s\n", options.bank.c_str(),
              members == 1 ? "" : (" an ensemble of " + std::to_string(members)).c_str());
  for (const BankFile& member : ensemble.members) {
    std::printf("  %s, %zu patches of %zu values, %d neighbours\n", member.backbone.c_str(),
                member.bank.rows, member.bank.columns, member.scoring.neighbours);
  }
  std::printf(
      "The threshold is a guess, as the model keeps none: set the property \"threshold\" after "
      "looking at the scores of good parts.\n");
}

}  // namespace

void add_import_amazon_command(CLI::App& bank) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command = bank.add_subcommand(
      "import-amazon",
      "Make a bank file of a model that the published implementation saved with "
      "--save_patchcore_model");
  command->add_option("folder", options->folder, "Folder with patchcore_params.pkl")->required();
  command->add_option("bank", options->bank, "Memory-bank file to write")->required();
  command
      ->add_option("--resize", options->published.resize,
                   "Shorter side before the crop, pixels: as the model was trained")
      ->capture_default_str();
  command->add_option(
      "--weights", options->published.weights,
      "File with the backbone's weights, of an ensemble several with semicolons; not set: "
      "searched for");
  command->add_flag("!--no-store-weights", options->published.store_weights,
                    "Leave the weights out of the bank file");
  command->add_flag("--replace", options->replace, "Replace files that exist");
  command->add_option("--threads", options->threads, "Computing threads; 0: all processors")
      ->capture_default_str()
      ->check(CLI::Range(0, max_threads));
  command->callback([options] { import_model(*options); });
}

}  // namespace patchcore
