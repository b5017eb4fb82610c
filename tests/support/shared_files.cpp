// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The folder with reference values and pictures, which not every checkout has beside it.
#include "tests/support/shared_files.h"

#include <cstdlib>
#include <filesystem>

namespace patchcore::test {

std::string shared_file(const std::string& name) {
  const char* folder = std::getenv("PATCHCORE_SHARED");
  if (folder == nullptr || *folder == '\0') folder = PATCHCORE_DEFAULT_SHARED;
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

}  // namespace patchcore::test
