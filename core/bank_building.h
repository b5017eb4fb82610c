// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From the collected patches to a thinned memory bank with its calibration.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/calibration.h"
#include "core/held_out_patches.h"
#include "core/options.h"
#include "core/patch_collection.h"
#include "core/search_recall.h"
#include "core/types.h"

namespace patchcore {

struct BuiltBank {
  PatchMatrix bank;
  Calibration calibration;
  HeldOutPatches held_out;
  std::optional<SearchRecall> recall;  ///< of an approximate index, where frames were held out
};

/// A bank that is continued.
struct EarlierBank {
  PatchMatrix patches;
  std::int64_t collected = 0;    ///< patches that it was made from
  std::vector<float> scores;     ///< of the frames that were held out of it
  HeldOutPatches held_out = {};  ///< of these frames
};

/// The steps of the building that are reported apart.
enum class BuildingStep { coreset, calibration };

/// Told the share done of a step, 0 to 1; may throw Error cancelled.
using BuildingProgress = std::function<void(BuildingStep step, double share)>;

/// Makes a coreset of the training patches, scores the held-out frames against it for the
/// threshold, and then extends the coreset by their patches. A single frame cannot be held out: its
/// patches' distances to their nearest neighbours take the scores' place. An approximate index is
/// compared with exact search on the way.
///
/// An earlier bank's patches are chosen among as if they were collected; the size of the bank
/// follows from the patches that both were made from. Its scores count for the threshold, lowered
/// by the new patches as far as patches of its held-out frames were kept.
///
/// @param collected  at least one frame; consumed, since a copy could double the memory
/// @param index      what the frames are scored with
/// @param earlier    without patches: there is none
/// @throws Error
BuiltBank build_bank(TrainingPatches collected, const CoresetOptions& coreset,
                     const ScoringOptions& scoring, IndexKind index,
                     const BuildingProgress& progress, EarlierBank earlier = {});

/// The score that rounding alone can make of equal pictures, see rounding_distance(). No threshold
/// is below it: frames without any noise, as from a test source, would otherwise put it at zero.
double rounding_score(const PatchMatrix& bank, const ScoringOptions& scoring);

/// The calibration of a bank without normal frames to score: the threshold is a guess from the
/// largest distance of one of its patches to the others.
/// @throws Error
Calibration guess_calibration(const PatchMatrix& bank, const ScoringOptions& scoring);

}  // namespace patchcore
