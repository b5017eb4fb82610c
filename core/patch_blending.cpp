// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches that lie over each other, as those of overlapping tiles do, and the map they make.
#include "core/patch_blending.h"

namespace patchcore {

std::vector<float> blend(const PatchBlending& blending, const std::vector<float>& scores) {
  std::vector<float> blended(blending.positions);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    blended[blending.position[i]] += blending.weight[i] * scores[i];
  }
  return blended;
}

std::size_t highest_patch(const PatchBlending& blending, const std::vector<float>& scores,
                          std::size_t position) {
  std::size_t highest = scores.size();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (blending.position[i] != position) continue;
    if (highest == scores.size() || scores[i] > scores[highest]) highest = i;
  }
  return highest;
}

}  // namespace patchcore
