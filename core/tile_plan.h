// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the patches of a frame's tiles make one score map.
#pragma once

#include <memory>
#include <vector>

#include "core/inspection_mask.h"
#include "core/patch_blending.h"
#include "core/patch_embedding.h"
#include "core/tile_layout.h"
#include "core/types.h"

namespace patchcore {

struct Tile {
  Rect rect;               ///< frame pixels
  IgnoredPatches ignored;  ///< of its own grid
};

/// Of a part of a frame that is cut into tiles. Never changes; shared by frames that wait.
struct TilePlan {
  PatchGrid grid;           ///< of the whole part, with cells as large as the tiles'
  Size input_size;          ///< of the whole part as the network sees it; 1024 a side at most
  std::vector<Tile> tiles;  ///< row by row, without those of which nothing is scored
  /// Of the patches of all tiles that are not ignored, tile by tile, to the positions of the grid
  /// that are not ignored, row by row. Scores of a seam are blended: the weight of a tile's falls
  /// linearly across its overlap with the next one.
  std::shared_ptr<const PatchBlending> blending;
};

/// The grid on which the patches of all tiles lie: each of them belongs to the nearest position,
/// less than a cell away.
PatchGrid common_grid(const TileLayout& layout, PatchGrid tile_grid);

/// @param tile_grid   of each tile
/// @param tile_input  what the network sees of each
/// @param ignored     of the common grid
/// @throws Error unsupported_frame if there are more than 16,777,216 patches
TilePlan plan_tiles(const TileLayout& layout, PatchGrid tile_grid, Size tile_input,
                    const IgnoredPatches& ignored);

}  // namespace patchcore
