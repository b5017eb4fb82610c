// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where the pretrained weights of a backbone are found.
#include "core/weights/weights_search.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "core/error.h"
#include "core/regular_file.h"
#include "core/weights/safetensors.h"
#include "core/weights/torch_checkpoint.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void append_folders(std::vector<std::string>& folders, const std::string& colon_separated,
                    const std::string& subfolder) {
  std::istringstream list(colon_separated);
  for (std::string folder; std::getline(list, folder, ':');) {
    if (!folder.empty()) folders.push_back(folder + subfolder);
  }
}

/// Hubs and packages write efficientnet-lite0 where others write efficientnet_lite0.
std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The better, the smaller; negative if the file is not one of the backbone's.
int match_rank(const std::string& file, const std::string& backbone) {
  const std::string name = with_underscores(file);
  const std::string wanted = with_underscores(backbone);
  if (name == wanted + ".safetensors") return 0;
  if (name == wanted + ".pth") return 1;
  if (name == wanted + ".pt") return 2;
  const std::string prefix = wanted + "_";
  const std::string suffix = ".pth";
  if (name.size() <= prefix.size() + suffix.size() || name.compare(0, prefix.size(), prefix) != 0 ||
      name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0) {
    return -1;
  }
  // What the hubs add is a hash; anything else is the name of another network.
  const std::string hash = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  return hash.find_first_not_of("0123456789abcdef") == std::string::npos ? 3 : -1;
}

/// The best match in a folder, an empty string if there is none.
std::string search_folder(const std::string& folder, const std::string& backbone) {
  std::error_code error;
  int best_rank = -1;
  std::string best;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const int rank = match_rank(entry->path().filename().string(), backbone);
    const std::string path = entry->path().string();
    if (rank < 0 || (best_rank >= 0 && (rank > best_rank || (rank == best_rank && path > best)))) {
      continue;
    }
    best_rank = rank;
    best = path;
  }
  return best;
}

}  // namespace

std::vector<std::string> weights_search_path() {
  std::vector<std::string> folders;
  append_folders(folders, environment("PATCHCORE_WEIGHTS_PATH", ""), "");
  const std::string home = environment("HOME", "");
  const std::string user_data =
      environment("XDG_DATA_HOME", home.empty() ? "" : home + "/.local/share");
  if (!user_data.empty()) folders.push_back(user_data + "/patchcore/weights");
  append_folders(folders, environment("XDG_DATA_DIRS", "/usr/local/share:/usr/share"),
                 "/patchcore/weights");
  return folders;
}

std::string find_weights(const std::string& backbone, const std::string& explicit_path,
                         const std::string& how_to_get) {
  if (!explicit_path.empty()) {
    std::error_code error;
    if (fs::exists(explicit_path, error)) return explicit_path;
    throw Error(ErrorCode::not_found, "there is no weights file " + explicit_path +
                                          "; the backbone " + backbone + " needs one. " +
                                          how_to_get);
  }
  const std::vector<std::string> folders = weights_search_path();
  for (const std::string& folder : folders) {
    const std::string path = search_folder(folder, backbone);
    if (!path.empty()) return path;
  }
  std::ostringstream message;
  message << "no weights found for the backbone " << backbone << ": looked for " << backbone
          << ".safetensors, .pth, .pt and " << backbone << "-HASH.pth in";
  for (const std::string& folder : folders) message << ' ' << folder;
  message << ". " << how_to_get;
  throw Error(ErrorCode::not_found, message.str());
}

TensorTable read_weights(const std::string& path) {
  // A safetensors file begins with the header's length and then its opening brace, which neither
  // form of a PyTorch checkpoint does.
  constexpr std::size_t brace_at = 8;
  const RegularFile file(path);
  char brace = 0;
  if (file.size() > brace_at) file.read(brace_at, &brace, 1);
  return brace == '{' ? read_safetensors(path).tensors : read_torch_checkpoint(path);
}

}  // namespace patchcore
