// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank diff`: in what two bank files differ.
#include "tools/patchcore/bank_diff_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/patchcore/bank_difference.h"
#include "tools/patchcore/bank_document.h"

namespace patchcore {
namespace {

void print(const char* which, const BankCoverage& coverage, std::size_t patches) {
  std::printf(
      "%s: %zu of %zu patches are in the other, too; distance to its nearest: %.5g on "
      "average, %.5g at most\n",
      which, coverage.equal, patches, coverage.mean, coverage.largest);
}

void diff(const std::string& first_path, const std::string& second_path) {
  const BankDocument first = read_bank_document(first_path);
  const BankDocument second = read_bank_document(second_path);
  const BankDifference difference = compare_banks(first, second);
  for (const std::string& line : difference.settings) std::printf("%s\n", line.c_str());
  for (const std::string& line : difference.tensors) std::printf("%s\n", line.c_str());
  if (difference.same()) return;
  if (difference.first_in_second) {
    print("first", *difference.first_in_second, first.ensemble.members.front().bank.rows);
    print("second", *difference.second_in_first, second.ensemble.members.front().bank.rows);
  }
  throw CLI::RuntimeError(1);
}

}  // namespace

void add_bank_diff_command(CLI::App& bank) {
  struct Options {
    std::string first;
    std::string second;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = bank.add_subcommand(
      "diff", "Tell in what two bank files differ; the exit status is 1 where they do");
  command->add_option("first", options->first, "Memory-bank file")->required();
  command->add_option("second", options->second, "Memory-bank file")->required();
  command->callback([options] { diff(options->first, options->second); });
}

}  // namespace patchcore
