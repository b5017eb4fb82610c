// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PNG files that need not be trusted, as gray pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types.h"

namespace patchcore {

struct GrayPicture {
  Size size;
  std::vector<std::uint8_t> pixels;  ///< [height, width]
};

/// Colours become their luminance, 16 bits 8, and what is transparent lies on white. Sizes are
/// checked before memory is allocated.
/// @param max_pixels  more are refused
/// @throws Error not_found, read_failed, corrupt, unsupported_file, no_space
GrayPicture read_gray_png(const std::string& path, std::int64_t max_pixels);

}  // namespace patchcore
