// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PRO: how much of every defect is found while few normal pixels are marked.
#pragma once

#include <cstdint>
#include <optional>

namespace patchcore {

/// Walks down the scores as RankingCurve does. At a threshold t let x(t) be the share of the normal
/// pixels that score t or more, and y(t) the mean, over all connected regions of all masks, of the
/// share of the region's pixels that do. With straight lines between thresholds and (0, 0) before
/// the first,
///
///   PRO = 1 / limit * integral of y dx from 0 to limit
///
/// Bergmann et al., "The MVTec anomaly detection dataset", 2021, section 5.1.2, whose limit is 0.3.
class RegionOverlap {
 public:
  static constexpr double usual_limit = 0.3;

  /// @param normal   pixels in all pictures that are looked at
  /// @param regions  in them
  RegionOverlap(std::uint64_t normal, std::uint64_t regions, double limit = usual_limit)
      : all_normal_(normal), all_regions_(regions), limit_(limit) {}

  /// @param normal   pixels with the next lower score
  /// @param overlap  of the anomalous pixels with that score, the sum of 1 / their region's size
  void add(std::uint64_t normal, double overlap);

  /// After all are added. Nothing unless there are normal pixels and regions.
  std::optional<double> figure() const;

 private:
  std::uint64_t all_normal_;
  std::uint64_t all_regions_;
  double limit_;
  std::uint64_t normal_ = 0;
  double overlap_ = 0;
  double area_ = 0;
};

}  // namespace patchcore
