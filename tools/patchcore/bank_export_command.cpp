// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank export`: the patches of a bank file for NumPy or FAISS.
#include "tools/patchcore/bank_export_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/ensemble_settings.h"
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

/// Of an ensemble's members "bank-1.npy" for "bank.npy" and so on.
/// @param member  from 1 on
std::string file_of_member(const std::string& output, std::size_t member, std::size_t members) {
  if (members == 1) return output;
  const std::filesystem::path path(output);
  std::filesystem::path name = path.stem();
  name += "-" + std::to_string(member);
  name += path.extension();
  return (path.parent_path() / name).string();
}

void export_patches(const PatchMatrix& bank, const std::string& output, ExportFormat format) {
  if (format == ExportFormat::npy) {
    write_npy(output, {bank.rows, bank.columns}, bank.values.data(), bank.values.size());
  } else {
    write_faiss_flat_file(output, bank);
  }
}

void export_bank(const ExportOptions& options) {
  const std::vector<BankFile> members = read_bank_ensemble(options.bank).members;
  std::vector<std::string> files;
  for (std::size_t i = 1; i <= members.size(); ++i) {
    files.push_back(file_of_member(options.output, i, members.size()));
    refuse_to_overwrite(files.back(), options.replace);
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    const BankFile& member = members[i];
    export_patches(member.bank, files[i], options.format);
    std::printf("%s: %zu patches of %zu values", files[i].c_str(), member.bank.rows,
                member.bank.columns);
    if (members.size() > 1) {
      std::printf(", %s %s", member.backbone.c_str(), join_layers(member.layers).c_str());
    }
    std::printf("\n");
  }
}

}  // namespace

void add_bank_export_command(CLI::App& bank) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      bank.add_subcommand("export", "Write the patches of a bank file for NumPy or FAISS");
  command->add_option("bank", options->bank, "Memory-bank file")->required();
  command
      ->add_option(
          "output", options->output,
          "File to write, with -1, -2, ... before its ending for the members of an ensemble")
      ->required();
  add_choice(*command, "--format", options->format, format_names(),
             "An array for numpy.load, or a flat index for faiss.read_index");
  command->add_flag("--replace", options->replace, "Replace a file that exists");
  command->callback([options] { export_bank(*options); });
}

}  // namespace patchcore
