// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Notices that a file was replaced or written to, once that is over.
#include "core/file_watch.h"

#include <utility>

namespace patchcore {

bool FileWatch::look() {
  const std::optional<FileIdentity> now = identify_file(path_);
  const bool at_rest = now == std::exchange(seen_, now);
  if (!now || !at_rest || now == known_) return false;
  known_ = now;
  return true;
}

}  // namespace patchcore
