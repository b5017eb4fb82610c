// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A folder that goes with its object.
#pragma once

#include <string>

namespace patchcore {

class TemporaryFolder {
 public:
  /// In $TMPDIR or /tmp. @throws Error write_failed
  TemporaryFolder();
  ~TemporaryFolder();

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace patchcore
