// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches that lie over each other, as those of overlapping tiles do, and the map they make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/patch_embedding.h"

namespace patchcore {

/// Which position of a map each patch belongs to, and how much its score counts there.
struct PatchBlending {
  std::size_t positions = 0;            ///< each has a patch
  std::vector<std::uint32_t> position;  ///< of each patch
  std::vector<float> weight;            ///< of each patch; those of a position sum to 1
};

/// @param scores  of the patches
/// @return of the positions: the weighted mean of their patches' scores
std::vector<float> blend(const PatchBlending& blending, const std::vector<float>& scores);

/// Of the patches at @p position, the one with the highest score.
std::size_t highest_patch(const PatchBlending& blending, const std::vector<float>& scores,
                          std::size_t position);

/// How the patches of a frame lie: each at its own position of a grid, or several at one.
struct PatchLayout {
  PatchLayout(PatchGrid of_patches, std::shared_ptr<const PatchBlending> of_tiles = nullptr)
      : grid(of_patches), blending(std::move(of_tiles)) {}

  std::size_t patches() const {
    return static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width);
  }

  PatchGrid grid;                                 ///< its area is the number of patches
  std::shared_ptr<const PatchBlending> blending;  ///< null: none lie over each other
};

}  // namespace patchcore
