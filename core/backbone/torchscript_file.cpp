// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A TorchScript module in a file: what it is, without executing it.
#include "core/backbone/torchscript_file.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "core/backbone/imagenet_network.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "core/weights/sha256.h"
#include "core/weights/weights_search.h"
#include "core/weights/zip_archive.h"

namespace patchcore {
namespace {

using Json = nlohmann::json;

constexpr char ending[] = ".pt";
/// Within the archive's one folder.
constexpr char settings_entry[] = "/extra/patchcore.json";
constexpr char code_folder[] = "/code/";
constexpr std::uint64_t largest_settings = 65536;
constexpr int largest_side = 16384;

bool ends_with(const std::string& text, const std::string& part) {
  return text.size() >= part.size() &&
         text.compare(text.size() - part.size(), part.size(), part) == 0;
}

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorCode::corrupt, "the TorchScript file \"" + path + "\" " + what +
                                      ": make it again with examples/export-backbone.py");
}

std::array<float, 3> parse_colour(const Json& value, const std::string& key,
                                  const std::string& path) {
  std::array<float, 3> colour = {};
  const bool right =
      value.is_array() && value.size() == 3 &&
      std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!right) fail(path, "has no three numbers as \"" + key + "\"");
  for (std::size_t i = 0; i < 3; ++i) colour[i] = value[i].get<float>();
  return colour;
}

Size parse_size(const Json& value, const std::string& path) {
  const auto is_side = [](const Json& side) {
    return side.is_number_integer() && side >= smallest_input_side && side <= largest_side;
  };
  if (!value.is_array() || value.size() != 2 || !is_side(value[0]) || !is_side(value[1]))
    fail(path, "has no width and height as \"input_size\"");
  return {value[0].get<int>(), value[1].get<int>()};
}

TorchscriptSettings parse_settings(const std::vector<std::uint8_t>& text, const std::string& path) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) fail(path, "has settings that are no JSON object");
  TorchscriptSettings settings;
  for (const auto& [key, value] : json.items()) {
    if (key == "mean") settings.mean = parse_colour(value, key, path);
    if (key == "deviation") settings.deviation = parse_colour(value, key, path);
    if (key == "input_size") settings.input_size = parse_size(value, path);
    if (key != "layers") continue;
    for (const Json& layer : value) {
      if (!layer.is_string()) fail(path, "has no list of names as \"layers\"");
      settings.layers.push_back(layer.get<std::string>());
    }
  }
  return settings;
}

/// Reads the settings, and makes sure that there is code.
TorchscriptSettings read_settings(const RegularFile& file) {
  const ZipArchive archive(file);
  bool has_code = false;
  std::optional<std::uint64_t> entry;
  for (std::uint64_t index = 0; index < archive.entries(); ++index) {
    const std::string name = archive.name(index);
    has_code = has_code || name.find(code_folder) != std::string::npos;
    if (ends_with(name, settings_entry)) entry = index;
  }
  if (!has_code)
    throw Error(ErrorCode::unsupported_file,
                "\"" + file.path() +
                    "\" is no TorchScript module; if it is a checkpoint of weights, name the "
                    "network as the backbone and the file as its weights");
  if (!entry) return {};
  if (archive.size(*entry) > largest_settings) fail(file.path(), "has settings that are too long");
  return parse_settings(archive.read(*entry), file.path());
}

}  // namespace

bool is_torchscript_name(const std::string& name) {
  return ends_with(name, ending);
}

std::string torchscript_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

TorchscriptFile read_torchscript_file(const std::string& path) {
  const RegularFile file(path);
  TorchscriptFile result;
  result.path = path;
  result.settings = read_settings(file);
  require_memory(file.size(), path);
  try {
    result.bytes.resize(file.size());
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory for " + std::to_string(file.size()) +
                                         " bytes of \"" + path + "\"");
  }
  file.read(0, result.bytes.data(), result.bytes.size());
  Sha256 sha256;
  sha256.add(result.bytes.data(), result.bytes.size());
  result.sha256 = sha256.digest();
  return result;
}

std::string find_torchscript_file(const std::string& name, const std::string& explicit_path) {
  std::error_code error;
  if (!explicit_path.empty()) {
    if (std::filesystem::exists(explicit_path, error)) return explicit_path;
    throw Error(ErrorCode::not_found, "there is no TorchScript file " + explicit_path);
  }
  std::string folders;
  for (const std::string& folder : weights_search_path()) {
    // Of the name alone: a bank must not say in which folder code is.
    std::string path = folder + "/" + torchscript_name(name);
    if (std::filesystem::exists(path, error)) return path;
    folders += " " + folder;
  }
  throw Error(ErrorCode::not_found, "the TorchScript file " + name + " is in none of" + folders +
                                        ": name it as the weights");
}

BackboneDescription describe_torchscript(const TorchscriptFile& file) {
  BackboneDescription description =
      describe_imagenet_network(torchscript_name(file.path), file.settings.layers, "");
  description.how_to_get_weights = "The file holds them.";
  description.preprocess.mean = file.settings.mean;
  description.preprocess.deviation = file.settings.deviation;
  if (!file.settings.input_size) return description;
  // As much around it is cut away as with the published 224 of 256.
  const Size crop = *file.settings.input_size;
  PreprocessOptions& preprocess = description.preprocess;
  preprocess.shorter_side =
      std::max(crop.width, crop.height) * preprocess.shorter_side / preprocess.crop->width;
  preprocess.crop = crop;
  return description;
}

void require_torchscript_allowed(bool allowed, const std::string& path) {
  if (allowed) return;
  throw Error(ErrorCode::invalid_argument,
              "the TorchScript file " + path +
                  " is a program, which could do anything with this machine that you could: if you "
                  "trust whoever made it, set allow-torchscript=true");
}

}  // namespace patchcore
