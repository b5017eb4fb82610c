// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `backbone`, `layers` and `weights`, as people write them.
#include "core/ensemble_settings.h"

#include <algorithm>

#include "core/error.h"

namespace patchcore {
namespace {

constexpr char member_separator = ';';
constexpr char layer_separator = ',';

std::string trimmed(const std::string& text) {
  constexpr const char* blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> split(const std::string& list, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = list.find(separator, begin);
    parts.push_back(trimmed(list.substr(begin, end - begin)));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

std::string join(const std::vector<std::string>& texts, char separator) {
  std::string joined;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += texts[i];
  }
  return joined;
}

std::vector<std::string> split_layers(const std::string& list) {
  if (trimmed(list).empty()) return {};
  std::vector<std::string> layers = split(list, layer_separator);
  if (std::find(layers.begin(), layers.end(), "") != layers.end()) {
    throw Error(ErrorCode::invalid_argument,
                "the layers \"" + list + "\" have a name that is empty: write e.g. layer2,layer3");
  }
  return layers;
}

}  // namespace

std::vector<BackboneOptions> parse_members(const std::string& backbone, const std::string& layers,
                                           const std::string& weights, bool allow_torchscript) {
  const std::size_t members =
      std::max(split(backbone, member_separator).size(), split(layers, member_separator).size());
  const std::vector<std::string> names = split_for_members("backbone", backbone, members);
  const std::vector<std::string> layer_lists = split_for_members("layers", layers, members);
  const std::vector<std::string> files = split_for_members("weights", weights, members);
  std::vector<BackboneOptions> parsed(members);
  for (std::size_t i = 0; i < members; ++i) {
    if (names[i].empty()) {
      throw Error(ErrorCode::invalid_argument, "the backbones \"" + backbone +
                                                   "\" have a name that is empty: write e.g. "
                                                   "resnet50;wide_resnet50_2");
    }
    parsed[i] = {names[i], split_layers(layer_lists[i]), files[i], allow_torchscript};
  }
  return parsed;
}

std::vector<std::string> split_for_members(const std::string& setting, const std::string& text,
                                           std::size_t members) {
  // A file of a single bank may be called anything.
  if (members == 1) return {text};
  std::vector<std::string> parts = split(text, member_separator);
  if (parts.size() == 1) parts.resize(members, parts.front());
  if (parts.size() != members) {
    throw Error(ErrorCode::invalid_argument,
                "the setting " + setting + " \"" + text + "\" is for " +
                    std::to_string(parts.size()) + " members of an ensemble, there are " +
                    std::to_string(members) + ": give one for all, or one for each");
  }
  return parts;
}

std::string join_layers(const std::vector<std::string>& layers) {
  return join(layers, layer_separator);
}

std::string join_members(const std::vector<std::string>& texts) {
  return join(texts, member_separator);
}

}  // namespace patchcore
