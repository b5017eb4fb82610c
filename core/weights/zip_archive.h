// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reading of uncompressed zip archives that need not be trusted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/regular_file.h"

namespace patchcore {

/// An archive in an open file, whose entries are stored and not compressed, so that none is larger
/// than the file.
class ZipArchive {
 public:
  /// @throws Error corrupt
  explicit ZipArchive(const RegularFile& file);
  ~ZipArchive();

  std::uint64_t entries() const;

  /// The name of entry @p index; empty if it has none that can be read.
  std::string name(std::uint64_t index) const;

  /// The first entry called @p name.
  std::optional<std::uint64_t> find(const std::string& name) const;

  /// Its size in bytes.
  /// @throws Error corrupt, unsupported_file if it is compressed or encrypted
  std::uint64_t size(std::uint64_t index) const;

  /// All its bytes, which have the checksum that the archive says.
  /// @throws Error as size(), no_space
  std::vector<std::uint8_t> read(std::uint64_t index) const;

 private:
  struct Private;
  std::unique_ptr<Private> private_;
  const RegularFile& file_;
};

}  // namespace patchcore
