// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What commands do about files that are there already.
#include "tools/patchcore/existing_files.h"

#include <filesystem>
#include <system_error>

#include "core/error.h"

namespace patchcore {

bool exists(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::exists(path, unknown);
}

void refuse_to_overwrite(const std::string& path, bool replace) {
  if (replace || !exists(path)) return;
  throw Error(ErrorCode::invalid_argument,
              "\"" + path + "\" exists: name another file, or say --replace");
}

}  // namespace patchcore
