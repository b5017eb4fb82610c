// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Files for tests of data sets.
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace patchcore::test {

/// Writes a file with something in it, and the folders above it.
inline void touch(const std::string& path, const std::string& content = "x") {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  write_whole_file(path, content);
}

}  // namespace patchcore::test
