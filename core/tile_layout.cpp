// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `tile-size` and `tile-overlap`: how a large picture is cut into tiles.
#include "core/tile_layout.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace patchcore {

std::vector<int> lay_tiles(int length, int tile, double overlap) {
  if (length <= tile) return {0};
  const int step = std::max(1, tile - static_cast<int>(std::ceil(overlap * tile)));
  const int rest = length - tile;
  // Steps of the even spread are not longer than this one, whole pixels as it is.
  const int steps = (rest - 1) / step + 1;
  std::vector<int> begins;
  begins.reserve(static_cast<std::size_t>(steps) + 1);
  for (int i = 0; i <= steps; ++i) {
    begins.push_back(static_cast<int>(std::int64_t{rest} * i / steps));
  }
  return begins;
}

TileLayout::TileLayout(Rect part, int tile_size, double overlap)
    : part_(part),
      tile_{std::min(part.width, tile_size), std::min(part.height, tile_size)},
      columns_(lay_tiles(part.width, tile_size, overlap)),
      rows_(lay_tiles(part.height, tile_size, overlap)) {}

}  // namespace patchcore
