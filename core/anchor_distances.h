// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far each patch counts as being from the coreset before the first pick.
#pragma once

#include <cstdint>
#include <vector>

#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// For each point the norm of its distances to all points: the start of the exact greedy choice.
std::vector<float> distance_norms(const PatchMatrix& points);

/// For each point the mean of its distances to the points @p starts: the start of the approximate
/// greedy choice.
std::vector<float> mean_distances(const PatchMatrix& points,
                                  const std::vector<std::int64_t>& starts);

/// For each of @p points the distance to the nearest of @p references, of which there is at least
/// one: the start where a coreset exists already.
/// @throws Error invalid_argument for features that are not finite
std::vector<float> nearest_distances(const PatchMatrix& points, const PatchMatrix& references,
                                     const ShareDone& progress = {});

}  // namespace patchcore
