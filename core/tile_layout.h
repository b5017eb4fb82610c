// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `tile-size` and `tile-overlap`: how a large picture is cut into tiles.
#pragma once

#include <vector>

#include "core/types.h"

namespace patchcore {

/// Where the tiles of one axis begin: all of one length, spread evenly, the first one at 0 and the
/// last one's end at the axis's. As few as leave every two neighbours the overlap.
/// @param length   of the axis, pixels, >= 1
/// @param tile     pixels, >= 2
/// @param overlap  share of a tile, 0 to 0.5; rounded up to whole pixels
/// @return one, at 0, for an axis that is not longer than a tile
std::vector<int> lay_tiles(int length, int tile, double overlap);

/// Tiles that cover a part of a frame. All have the same size; an axis of the part that is shorter
/// than a tile gives its own length to all of them.
class TileLayout {
 public:
  /// @param part  frame pixels
  /// @param tile_size, overlap  see PreprocessOptions
  TileLayout(Rect part, int tile_size, double overlap);

  const Rect& part() const { return part_; }
  Size tile() const { return tile_; }
  const std::vector<int>& columns() const { return columns_; }  ///< from the part's left edge
  const std::vector<int>& rows() const { return rows_; }        ///< from the part's upper edge

  /// Whether the part is a tile itself.
  bool is_whole() const { return columns_.size() == 1 && rows_.size() == 1; }

  Rect rect(std::size_t row, std::size_t column) const {
    return {part_.x + columns_[column], part_.y + rows_[row], tile_.width, tile_.height};
  }

 private:
  Rect part_;
  Size tile_;
  std::vector<int> columns_;
  std::vector<int> rows_;
};

}  // namespace patchcore
