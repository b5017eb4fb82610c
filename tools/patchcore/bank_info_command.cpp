// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank info`: the settings and tensors of a bank file.
#include "tools/patchcore/bank_info_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/bank_tensors.h"
#include "tools/patchcore/bank_document.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

const std::string backbone_prefix = "backbone.";

void print_info(const std::string& path, bool as_json) {
  const BankDocument document = read_bank_document(path);
  if (as_json) {
    Json tensors;
    for (const auto& [name, tensor] : document.tensors) {
      tensors[name] = {{"type", element_type_name(tensor.type)}, {"shape", tensor.shape}};
    }
    const Json info = {{"settings", Json::parse(document.settings)}, {"tensors", tensors}};
    std::printf("%s\n", info.dump(2).c_str());
    return;
  }
  for (const auto& [name, value] : flat_settings(document.settings)) {
    std::printf("%-36s %s\n", name.c_str(), value.c_str());
  }
  // Of a single bank "backbone.", of members "member.1.backbone." and so on; in order.
  std::map<std::string, std::size_t> weights;
  const std::size_t members = document.ensemble.members.size();
  for (std::size_t i = 1; i <= members; ++i)
    weights[member_prefix(i, members) + backbone_prefix] = 0;
  for (const auto& [name, tensor] : document.tensors) {
    const std::size_t position = name.find(backbone_prefix);
    const auto found = position == std::string::npos
                           ? weights.end()
                           : weights.find(name.substr(0, position + backbone_prefix.size()));
    if (found != weights.end()) {
      found->second += tensor.bytes.size();
    } else {
      std::printf("%-36s %s\n", name.c_str(), tensor_text(tensor).c_str());
    }
  }
  for (const auto& [prefix, bytes] : weights) {
    std::printf("%-36s %zu bytes%s\n", (prefix + '*').c_str(), bytes,
                bytes == 0 ? ": the weights are not in the file" : "");
  }
}

}  // namespace

void add_bank_info_command(CLI::App& bank) {
  struct Options {
    std::string bank;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = bank.add_subcommand("info", "Print the settings and tensors of a bank file");
  command->add_option("bank", options->bank, "Memory-bank file")->required();
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options] { print_info(options->bank, options->json); });
}

}  // namespace patchcore
