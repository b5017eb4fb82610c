// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a memory-bank file holds, for people to look at.
#include "tools/patchcore/bank_document.h"

#include <nlohmann/json.hpp>

#include "core/weights/safetensors.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

void flatten(const Json& json, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& flat) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_object()) {
      flatten(value, prefix + name + ".", flat);
    } else if (name == "members" && value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        flatten(value[i], prefix + name + "." + std::to_string(i + 1) + ".", flat);
      }
    } else {
      flat.emplace_back(prefix + name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

}  // namespace

BankDocument read_bank_document(const std::string& path) {
  BankDocument document;
  // All checks first.
  document.ensemble = read_bank_ensemble(path);
  Safetensors file = read_safetensors(path);
  document.settings = file.metadata["patchcore"];
  document.tensors = std::move(file.tensors);
  return document;
}

std::vector<std::pair<std::string, std::string>> flat_settings(const std::string& json) {
  std::vector<std::pair<std::string, std::string>> flat;
  const Json document = Json::parse(json);
  flatten(document, "", flat);
  return flat;
}

std::string tensor_text(const StoredTensor& tensor) {
  std::string text = std::string(element_type_name(tensor.type)) + " [";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(tensor.shape[i]);
  }
  return text + "]";
}

}  // namespace patchcore
