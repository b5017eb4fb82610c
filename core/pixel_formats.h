// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the pixel formats are made of.
#pragma once

#include <array>
#include <cstddef>

#include "core/types.h"

namespace patchcore {

bool is_yuv(PixelFormat format);

/// Bytes of the shortest possible row of each plane, 0 where there is no plane.
std::array<std::ptrdiff_t, 3> row_bytes(PixelFormat format, std::ptrdiff_t width);

/// Where red, green and blue lie in a packed RGB or gray pixel.
std::array<int, 3> colour_offsets(PixelFormat format);

/// The shares of red and blue in luma.
struct LumaShares {
  double red;
  double blue;
};

LumaShares luma_shares(YuvMatrix matrix);

/// @throws Error invalid_argument if a plane is missing or its stride too short
void check_planes(const ImageView& picture);

}  // namespace patchcore
