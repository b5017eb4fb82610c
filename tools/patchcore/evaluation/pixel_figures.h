// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The figures over all pixels of all pictures: exact, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/types.h"
#include "tools/patchcore/evaluation/ranking_curve.h"
#include "tools/patchcore/evaluation/region_overlap.h"

namespace patchcore {

/// What is defective in a picture.
struct Mask {
  Size size;
  std::vector<bool> anomalous;  ///< [height, width]; empty: nothing is
  /// Whether the picture counts among the anomalous ones. A defect can be so small that no pixel is
  /// left of it.
  bool of_anomalous_picture = false;
};

/// One picture's share in the figures.
struct EvaluatedMap {
  ScoreMap scores;
  const Mask* mask = nullptr;  ///< of the same size
};

/// Makes the map of a picture; asked for each several times, and must give the same.
using EvaluatedMaps = std::function<EvaluatedMap(std::size_t picture)>;

struct PixelFigures {
  std::uint64_t pixels = 0;
  std::uint64_t anomalous_pixels = 0;
  std::uint64_t regions = 0;            ///< connected parts of the masks, diagonals connect
  std::optional<RankingFigures> full;   ///< over all pictures
  std::optional<double> full_pro;       ///< over all pictures
  std::optional<double> anomaly_auroc;  ///< over the anomalous pictures only
  std::optional<double> anomaly_pro;    ///< over the anomalous pictures only
};

struct PixelFiguresOptions {
  double pro_limit = RegionOverlap::usual_limit;
  /// That are sorted at a time, 8 bytes each. Of more pixels several slices of the range of scores
  /// are looked at one after the other, with the same result.
  std::size_t pixels_at_a_time = std::size_t{1} << 24;
};

/// @param pictures  how many
/// @throws Error internal if a map has another size than its mask or a value that is no number, and
///               what @p maps throws
PixelFigures pixel_figures(std::size_t pictures, const EvaluatedMaps& maps,
                           const PixelFiguresOptions& options = {});

}  // namespace patchcore
