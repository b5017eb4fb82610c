// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PRO: how much of every defect is found while few normal pixels are marked.
#include "tools/patchcore/evaluation/region_overlap.h"

#include <algorithm>

namespace patchcore {

void RegionOverlap::add(std::uint64_t normal, double overlap) {
  if (all_normal_ == 0 || all_regions_ == 0) return;
  const double x = static_cast<double>(normal_) / static_cast<double>(all_normal_);
  const double y = overlap_ / static_cast<double>(all_regions_);
  normal_ += normal;
  overlap_ += overlap;
  const double next_x = static_cast<double>(normal_) / static_cast<double>(all_normal_);
  const double next_y = overlap_ / static_cast<double>(all_regions_);
  if (x >= limit_ || next_x <= x) return;
  const double end_x = std::min(next_x, limit_);
  const double end_y = y + (next_y - y) * (end_x - x) / (next_x - x);
  area_ += (end_x - x) * (y + end_y) / 2;
}

std::optional<double> RegionOverlap::figure() const {
  if (all_normal_ == 0 || all_regions_ == 0) return std::nullopt;
  return area_ / limit_;
}

}  // namespace patchcore
