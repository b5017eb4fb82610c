// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether a path still leads to the file that it led to before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace patchcore {

/// Differs when a file was replaced or written to.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;         ///< bytes
  std::int64_t modified = 0;     ///< seconds since 1970
  std::int64_t nanoseconds = 0;  ///< of `modified`

  auto as_tuple() const { return std::tie(device, inode, size, modified, nanoseconds); }
};

inline bool operator==(const FileIdentity& a, const FileIdentity& b) {
  return a.as_tuple() == b.as_tuple();
}
inline bool operator!=(const FileIdentity& a, const FileIdentity& b) {
  return !(a == b);
}
inline bool operator<(const FileIdentity& a, const FileIdentity& b) {
  return a.as_tuple() < b.as_tuple();
}

/// Nothing if there is no such file, or it cannot be looked at.
std::optional<FileIdentity> identify_file(const std::string& path);

/// The one path of a file: absolute, without symbolic links, `.` and `..`. Of a file that is not
/// there, @p path as it is.
std::string canonical_path(const std::string& path);

}  // namespace patchcore
