// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The one exception type that leaves the engine.
#pragma once

#include <stdexcept>
#include <string>

namespace patchcore {

/// What kind of thing went wrong; applications map it to their own error domains.
enum class ErrorCode {
  invalid_argument,   ///< a setting or value is out of range or contradicts another
  not_found,          ///< a file, layer or backbone that was asked for does not exist
  read_failed,        ///< the system refused to open or read a file
  write_failed,       ///< the system refused to create or write a file
  no_space,           ///< the disk or the memory is full
  corrupt,            ///< a file's content contradicts itself or its checksum
  unsupported_file,   ///< well-formed, but of a kind or version this program does not handle
  unsupported_frame,  ///< a picture of a size or pixel format that cannot be inspected
  cancelled,          ///< the caller asked to stop
  internal,           ///< a fault of this program or of a library below it
};

/// Every failure of the engine. The message names the file or value and says what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace patchcore
