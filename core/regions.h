// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The connected parts of a score map that reach the threshold.
#pragma once

#include <vector>

#include "core/types.h"

namespace patchcore {

/// @param map        raw patch scores
/// @param inspected  the part of the frame that the map covers, frame pixels
/// @param threshold  patches at or above it belong to a region (eight neighbours connect)
/// @param min_area   smaller regions are dropped, frame pixels
/// @return largest peak first
/// @throws Error invalid_argument if the map does not have height * width values
std::vector<Region> find_regions(const ScoreMap& map, Rect inspected, double threshold,
                                 double min_area);

}  // namespace patchcore
