// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches of held-out frames, so that their scores follow a bank that grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/options.h"
#include "core/types.h"

namespace patchcore {

/// The patches that the scores of held-out frames come from. A held-out frame is scored against the
/// bank before its own patches join that, so it cannot be scored again later; but patches of other
/// frames that join lower its score, and these patches tell by how much.
struct HeldOutPatches {
  PatchMatrix patches;  ///< [n, columns of the bank]; those of one frame follow each other
  /// [n, neighbours] squared L2 distances to the nearest of the bank, ascending
  std::vector<float> distances;
  /// [n] which frame each is of: its place in Calibration::scores
  std::vector<std::int64_t> frames;
};

/// More would make the file large and move the threshold by less than a hundredth: the frames that
/// score highest decide on it, and of each the patches that score highest.
constexpr std::size_t held_out_frames_kept = 128;
constexpr std::size_t held_out_patches_kept = 32;  ///< of a frame

/// Adds the highest patches of a frame that was scored.
/// @param frame       its place in Calibration::scores, none that is there already
/// @param neighbours  of all its patches
void add_held_out_frame(HeldOutPatches& held_out, std::int64_t frame, const PatchMatrix& patches,
                        const Neighbours& neighbours);

/// Adds what was kept of other frames.
/// @param first_frame  what their places in Calibration::scores grow by
void append_held_out(HeldOutPatches& held_out, const HeldOutPatches& other,
                     std::int64_t first_frame);

/// Drops all but the held_out_frames_kept frames that score highest.
/// @param scores  Calibration::scores
void keep_highest_frames(HeldOutPatches& held_out, const std::vector<float>& scores);

/// Lowers the distances, and in proportion the scores, by patches of other frames that join the
/// bank: a frame's score by what the largest score of its patches loses, with ImageScore::top by
/// what their mean loses. Scores of frames that nothing is kept of stay as they are, and so do
/// those of frames that are among what joins themselves: that the bank knows them now says nothing
/// of frames to come.
/// @param joining  [m, columns]; none: nothing changes
/// @param scores   Calibration::scores
/// @throws Error as make_nearest_neighbours()
void follow_joining_patches(HeldOutPatches& held_out, const PatchMatrix& joining,
                            const ScoringOptions& scoring, std::vector<float>& scores);

/// What must hold of those in a file.
/// @param columns  of the bank
/// @param scores   that there are
/// @throws Error invalid_argument
void check_held_out(const HeldOutPatches& held_out, std::size_t columns, std::size_t scores,
                    const ScoringOptions& scoring);

}  // namespace patchcore
