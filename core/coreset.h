// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Thinning of the collected patches (Roth et al. 2022, section 3.2, algorithm 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/options.h"
#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// Whether it picks the patch that is farthest from those it has, again and again.
bool is_greedy(SamplerKind sampler);

/// How many of @p patches the options keep: ratio * patches rounded down, at least 1, at most
/// max_patches; all of them for SamplerKind::identity without max_patches.
std::int64_t coreset_size(const CoresetOptions& options, std::int64_t patches);

/// Chooses @p count rows, in the order in which they were picked.
///
/// - identity: the first rows. random: without replacement.
/// - greedy: starts with the row whose distances to all others have the largest norm, then always
///   the row farthest from those chosen.
/// - approximate_greedy: the same, but a row's first distance is the mean of its distances to
///   `starting_points` random rows.
///
/// Distances are L2 after a random projection to `projection_dimension` (none if the features
/// already have that dimension). Seeded and repeatable.
///
/// @throws Error invalid_argument, no_space, cancelled
std::vector<std::int64_t> select_coreset(const PatchMatrix& patches, std::int64_t count,
                                         const CoresetOptions& options,
                                         const ShareDone& progress = {});

/// Adds @p count of @p candidates to a coreset that exists already: greedily the candidate
/// farthest from @p chosen and from those added before. The other samplers choose as
/// select_coreset() does.
/// @return rows of @p candidates, in the order in which they were picked
std::vector<std::int64_t> extend_coreset(const PatchMatrix& chosen, const PatchMatrix& candidates,
                                         std::int64_t count, const CoresetOptions& options,
                                         const ShareDone& progress = {});

/// Whether patches of @p columns values are projected before the greedy samplers choose among them.
bool is_projected(std::size_t columns, const CoresetOptions& options);

/// The points that the greedy samplers choose among then.
/// @throws Error no_space
PatchMatrix project_patches(const PatchMatrix& patches, const CoresetOptions& options);

/// select_coreset() of patches whose project_patches() are @p points.
std::vector<std::int64_t> select_among_points(const PatchMatrix& points, std::int64_t count,
                                              const CoresetOptions& options,
                                              const ShareDone& progress = {});

/// extend_coreset() likewise.
std::vector<std::int64_t> extend_among_points(const PatchMatrix& chosen, const PatchMatrix& points,
                                              std::int64_t count, const CoresetOptions& options,
                                              const ShareDone& progress = {});

}  // namespace patchcore
