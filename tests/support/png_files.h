// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PNG files, made for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types.h"

namespace patchcore::test {

/// Bytes of a pixel.
enum class PngKind { gray = 1, rgb = 3, rgba = 4 };

/// @param pixels  [height, width, bytes of a pixel]
void write_png(const std::string& path, Size size, const std::vector<std::uint8_t>& pixels,
               PngKind kind = PngKind::gray);

/// A white picture with a black rectangle.
void write_mask(const std::string& path, Size size, Rect black);

}  // namespace patchcore::test
