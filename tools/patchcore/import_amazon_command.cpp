// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank import-amazon`: banks of the published implementation.
#include "tools/patchcore/import_amazon_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

/// One file for each member: parts.safetensors becomes parts-1-of-3.safetensors and so on.
std::vector<std::string> paths_of(const std::string& bank, std::size_t members) {
  if (members == 1) return {bank};
  const std::filesystem::path path(bank);
  std::vector<std::string> paths;
  for (std::size_t i = 1; i <= members; ++i) {
    std::filesystem::path member = path;
    member.replace_filename(path.stem().string() + "-" + std::to_string(i) + "-of-" +
                            std::to_string(members) + path.extension().string());
    paths.push_back(member.string());
  }
  return paths;
}

void import_model(const ImportOptions& options) {
  const std::vector<std::string> names = published_banks(options.folder);
  const std::vector<std::string> paths = paths_of(options.bank, names.size());
  for (const std::string& path : paths) {
    refuse_to_overwrite(path, options.replace);
    check_bank_path_writable(path);
  }
  use_threads(options.threads);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const BankFile file = import_published_bank(options.folder, names[i], options.published);
    write_bank_file(paths[i], file);
    std::printf("%s: %s, %zu patches of %zu values, %d neighbours\n", paths[i].c_str(),
                file.backbone.c_str(), file.bank.rows, file.bank.columns, file.scoring.neighbours);
  }
  if (names.size() > 1) {
    std::printf(
        "The model is an ensemble: each file is one of its members, with scores of its own.\n");
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
  command->add_option("--weights", options->published.weights,
                      "File with the backbone's weights; not set: searched for");
  command->add_flag("!--no-store-weights", options->published.store_weights,
                    "Leave the weights out of the bank file");
  command->add_flag("--replace", options->replace, "Replace files that exist");
  command->add_option("--threads", options->threads, "Computing threads; 0: all processors")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->callback([options] { import_model(*options); });
}

}  // namespace patchcore
