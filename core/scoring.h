// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From neighbour distances to patch scores, the image score and the anomaly map.
#pragma once

#include <cstddef>
#include <memory>

#include "core/nearest_neighbours.h"
#include "core/options.h"
#include "core/patch_blending.h"
#include "core/types.h"

namespace patchcore {

/// How many neighbours of each patch a score takes. The neighbourhood of equation 7 is looked up
/// later, for one patch.
std::size_t searched_neighbours(const ScoringOptions& options);

struct FrameScore {
  double score = 0;  ///< of the frame
  ScoreMap map;      ///< of each patch
};

/// Scores patches against a memory bank. Immutable; any thread.
class Scoring {
 public:
  /// @param bank   kept by reference, for the re-weighting of the paper mode
  /// @param index  over the same bank, kept by reference
  /// @throws Error invalid_argument if the options want more neighbours than the bank has patches
  Scoring(const ScoringOptions& options, const PatchMatrix& bank, const NearestNeighbours& index);

  /// Scores one picture.
  /// published: patch score = mean squared L2 distance to the k nearest; image score = largest.
  /// paper: patch score = L2 distance to the nearest; image score = largest, re-weighted by
  /// equation 7 of Roth et al. 2022; the patch scores take the same weight, so that both are in one
  /// unit.
  /// ImageScore::top: image score = mean of the highest hundredth of the patch scores, at least of
  /// one; the patch scores are multiplied with what it is less than their largest, so that the
  /// largest of the map is the image score, whatever the options.
  /// Patches that lie over each other count as one of their blended score: both the map and the
  /// image score are of positions then, and equation 7 looks at the highest patch of the highest
  /// position.
  /// @param patches     [layout.grid.height * layout.grid.width, dimension]
  /// @param neighbours  scratch
  /// @return with a map of layout.grid, or of one row of the blending's positions
  FrameScore score(const PatchMatrix& patches, const PatchLayout& layout,
                   Neighbours& neighbours) const;

  /// The first half of score(): the neighbours that the patch scores need.
  void search(const PatchMatrix& patches, Neighbours& neighbours) const;

  /// The second half.
  /// @param patches     may be empty unless needs_patches()
  /// @param neighbours  what search() found for them
  FrameScore score_neighbours(const PatchMatrix& patches, const PatchLayout& layout,
                              const Neighbours& neighbours) const;

  /// Whether the second half looks at the patches again.
  bool needs_patches() const {
    return options_.mode == ScoreMode::paper && options_.neighbours > 1;
  }

 private:
  double weight(const float* patch, std::size_t nearest, double distance) const;

  ScoringOptions options_;
  const PatchMatrix& bank_;
  const NearestNeighbours& index_;
};

/// The anomaly map in full: bilinear resizing (without aligned corners) to @p size, then a Gaussian
/// with sigma 4 pixels at 224 x 224, in proportion to the square root of the area elsewhere
/// (mirrored borders, cut at four sigma).
/// @param share_seen  of the area, what the network saw at once: the sigma is that of a tile
ScoreMap full_anomaly_map(const ScoreMap& map, Size size, double share_seen = 1);

/// Of what is inspected, the share that the network saw at once.
double share_seen(const Detection& detection);

/// The map of a frame's result, in tiles or not.
ScoreMap full_map_of(const Detection& detection, Size size);

}  // namespace patchcore
