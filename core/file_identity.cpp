// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether a path still leads to the file that it led to before.
#include "core/file_identity.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace patchcore {

std::optional<FileIdentity> identify_file(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.size = status.st_size;
  identity.modified = status.st_mtim.tv_sec;
  identity.nanoseconds = status.st_mtim.tv_nsec;
  return identity;
}

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::canonical(path, error);
  return error ? path : canonical.string();
}

}  // namespace patchcore
