// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Notices that a file was replaced or written to, once that is over.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/file_identity.h"

namespace patchcore {

/// Compares what it sees at each look with what it saw before, so that it needs no notifications:
/// those do not come from network file systems, and not where a folder on the path is replaced.
/// For one thread.
class FileWatch {
 public:
  /// @param known  the file that is no news; nothing: any file is
  explicit FileWatch(std::string path, std::optional<FileIdentity> known = std::nullopt)
      : path_(std::move(path)), known_(known), seen_(known) {}

  /// Whether there is another file than the known one, which then is the known one. A file counts
  /// once two looks in a row saw it the same: while somebody writes to it, it does not. One that is
  /// gone is no news.
  bool look();

 private:
  std::string path_;
  std::optional<FileIdentity> known_;
  std::optional<FileIdentity> seen_;  ///< at the last look
};

}  // namespace patchcore
