// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// SHA-256 of data that comes in pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace patchcore {

/// Add pieces, then take the digest once.
class Sha256 {
 public:
  /// @throws Error internal if the system's cryptography library refuses
  Sha256();
  ~Sha256();

  void add(const void* data, std::size_t size);

  /// 64 lower-case hexadecimal digits. Call once, last.
  std::string digest();

 private:
  struct Private;
  std::unique_ptr<Private> private_;
};

}  // namespace patchcore
