// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reading of files that need not be trusted: regular ones only, every range checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace patchcore {

/// A regular file that is open for reading. Folders, pipes and devices are refused, since they
/// have no size to check anything against and may never end.
class RegularFile {
 public:
  /// @throws Error not_found, read_failed
  explicit RegularFile(const std::string& path);
  ~RegularFile();

  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  int descriptor() const { return descriptor_; }

  /// Reads @p size bytes at @p offset.
  /// @throws Error corrupt if the file has not that many, read_failed
  void read(std::uint64_t offset, void* data, std::size_t size) const;

  /// The same into memory of its own, allocated after the check.
  /// @throws Error no_space in addition
  std::vector<std::uint8_t> read(std::uint64_t offset, std::uint64_t size) const;

 private:
  void require_range(std::uint64_t offset, std::uint64_t size) const;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// @throws Error no_space if @p size bytes are more than machine_memory(), so that a sparse file
/// cannot make the system run out of it
void require_memory(std::uint64_t size, const std::string& origin);

}  // namespace patchcore
