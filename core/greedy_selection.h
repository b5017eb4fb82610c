// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Greedy farthest-point selection: the plain definition, and the same picks found lazily.
#pragma once

#include <cstdint>
#include <vector>

#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// Picks @p count rows one after the other: the row with the largest bound; then every bound
/// becomes the smaller of itself and the row's distance to the pick. Of equals the first row wins.
/// The definition, one pass over all rows a pick.
/// @param bounds  one for each row, the distance to what is chosen already, 0 or more; brought up
/// to date
/// @throws Error invalid_argument
std::vector<std::int64_t> select_greedily_plain(const PatchMatrix& points, std::int64_t count,
                                                std::vector<float>& bounds,
                                                const ShareDone& progress = {});

/// The same picks. Bounds only shrink, so an old bound is an upper one: only the rows with the
/// largest bounds are brought up to date, by one matrix product against the picks they have missed,
/// and picks are made among them while the winner stays above the largest bound outside.
/// @param bounds  as above; afterwards some are out of date, too large
/// @throws Error invalid_argument, also for features that are not finite
std::vector<std::int64_t> select_greedily(const PatchMatrix& points, std::int64_t count,
                                          std::vector<float>& bounds,
                                          const ShareDone& progress = {});

}  // namespace patchcore
