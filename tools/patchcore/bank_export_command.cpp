// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank export`: the patches of a bank file for NumPy or FAISS.
#include "tools/patchcore/bank_export_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "core/bank_file.h"
#include "core/faiss_flat_file.h"
#include "tools/patchcore/evaluation/npy_file.h"
#include "tools/patchcore/existing_files.h"
#include "tools/patchcore/setting_names.h"

namespace patchcore {
namespace {

enum class ExportFormat { npy, faiss };

const SettingNames<ExportFormat>& format_names() {
  static const SettingNames<ExportFormat> names = {{"npy", ExportFormat::npy},
                                                   {"faiss", ExportFormat::faiss}};
  return names;
}

struct ExportOptions {
  std::string bank;
  std::string output;
  ExportFormat format = ExportFormat::npy;
  bool replace = false;
};

void export_bank(const ExportOptions& options) {
  refuse_to_overwrite(options.output, options.replace);
  const PatchMatrix bank = read_bank_file(options.bank).bank;
  if (options.format == ExportFormat::npy) {
    write_npy(options.output, {bank.rows, bank.columns}, bank.values.data(), bank.values.size());
  } else {
    write_faiss_flat_file(options.output, bank);
  }
  std::printf("%s: %zu patches of %zu values\n", options.output.c_str(), bank.rows, bank.columns);
}

}  // namespace

void add_bank_export_command(CLI::App& bank) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      bank.add_subcommand("export", "Write the patches of a bank file for NumPy or FAISS");
  command->add_option("bank", options->bank, "Memory-bank file")->required();
  command->add_option("output", options->output, "File to write")->required();
  add_choice(*command, "--format", options->format, format_names(),
             "An array for numpy.load, or a flat index for faiss.read_index");
  command->add_flag("--replace", options->replace, "Replace a file that exists");
  command->callback([options] { export_bank(*options); });
}

}  // namespace patchcore
