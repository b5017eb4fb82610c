// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Picture files as frames.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/types.h"

namespace patchcore {

/// A BGR picture that owns its pixels, rows densely packed.
struct LoadedPicture {
  Size size;
  std::vector<std::uint8_t> bgr;  ///< [height, width, 3]

  ImageView view() const;
};

/// Reads a picture as people see it: turned as its EXIF orientation says, gray ones as three equal
/// channels, of 16 bits a channel the upper 8, transparency left out (the colours below it count).
/// @throws Error not_found, read_failed, unsupported_file for what is no picture or a broken one
LoadedPicture read_picture(const std::string& path);

/// A gray picture.
struct LoadedMask {
  Size size;
  std::vector<std::uint8_t> values;  ///< [height, width], 255 where the defect is, 0 elsewhere

  ImageView view() const;
};

/// Reads a mask, turned in the same way: the defect is where any channel is not zero, or in a JPEG,
/// which blurs edges, at least half of white.
/// @throws Error as read_picture()
LoadedMask read_mask(const std::string& path);

/// Whether @p error is about one picture, and the others may be better.
bool is_of_picture(const Error& error);

}  // namespace patchcore
