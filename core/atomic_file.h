// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A file that is replaced whole or not at all.
#pragma once

#include <cstddef>
#include <string>

namespace patchcore {

/// Writes to a temporary file in the same folder, which commit() puts in the place of @p path. What
/// was there before stays whole until then; without commit() nothing remains.
///
/// Links are followed: the file that they lead to is replaced. A file that exists keeps its mode,
/// a new one gets the usual one (umask).
class AtomicFile {
 public:
  /// @throws Error not_found if the folder does not exist, write_failed if it cannot be written or
  /// if the path is there but no writable regular file, no_space
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();

  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. @throws Error write_failed, no_space
  void write(const void* data, std::size_t size);

  /// Call once, last. @throws Error write_failed, no_space
  void commit();

 private:
  [[noreturn]] void fail(const char* what, int error) const;

  std::string path_;       ///< as the caller named it, for messages
  std::string target_;     ///< what is replaced, links followed
  std::string temporary_;  ///< empty once it is gone
  int descriptor_ = -1;
};

}  // namespace patchcore
