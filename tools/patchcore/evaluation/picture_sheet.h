// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Picture, mask, anomaly map and overlay side by side.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"
#include "tools/patchcore/datasets/picture_reading.h"

namespace patchcore {

/// Draws the four, each 256 pixels high, and encodes them as PNG. The map's colours go from black
/// at zero over red at the threshold to white at twice of it; the overlay is the one of the
/// elements, with contour.
/// @param mask  of the picture's size; null: a grey panel
std::vector<std::uint8_t> draw_sheet(const LoadedPicture& picture, const LoadedMask* mask,
                                     const Detection& detection);

/// The same picture as a JPEG, which is smaller.
/// @throws Error corrupt if it is none
std::vector<std::uint8_t> sheet_as_jpeg(const std::vector<std::uint8_t>& png);

}  // namespace patchcore
