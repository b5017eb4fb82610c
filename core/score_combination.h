// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the scores of an ensemble's members become one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/calibration.h"
#include "core/scoring.h"
#include "core/types.h"

namespace patchcore {

/// Members score in units of their own, so each is normalized before the mean is taken. The
/// published code normalizes by the smallest and the largest score of all test pictures, which a
/// live stream has not got; this does by what normal frames that were held out said of each member,
/// its usual score u (their median) and its threshold t (above their upper tail):
///
///   normalized = (s - u) / (t - u)     0: a usual frame, 1: the member's boundary
///
/// so that members whose normal frames spread little say more. Both numbers are quantiles, which a
/// single odd frame does not move. The mean over the members is then brought to a scale on which no
/// distance at all is 0, as for a single bank, and 1 is where all are at their boundaries:
///
///   score = sum a s / sum a t          a = 1 / (t - u)
///
/// which puts frames in the same order, keeps scores from being negative, and leaves the relative
/// score of a single bank as it is. Maps go the same way. Immutable; any thread.
class ScoreCombination {
 public:
  /// @param members  one or more; each threshold is above the usual score
  /// @throws Error invalid_argument
  explicit ScoreCombination(const std::vector<Calibration>& members);

  /// @param scores  of a frame, one a member
  double score(const std::vector<double>& scores) const;

  /// Brings the maps to the largest of their grids, bilinearly, and combines them. The map is then
  /// multiplied with what the score of the frame is more than its largest value, since members
  /// need not have theirs in one place, so that the largest of the map is the score, as for a
  /// single bank.
  /// @param members  what each of them found in a frame
  /// @param ignored  of each map's patches: these have no say, and are 0 in the largest grid
  FrameScore combine(const std::vector<FrameScore>& members,
                     const std::vector<const IgnoredPatches*>& ignored) const;

  /// What a member's score is multiplied with.
  const std::vector<double>& weights() const { return weights_; }

 private:
  std::vector<double> weights_;
};

/// What the members say of held-out frames, from which an ensemble is calibrated in the usual way:
/// of its own scores of the frames that every member has held out.
class HeldOutScores {
 public:
  /// Of one member.
  /// @param frames       in ascending order
  /// @param calibration  whose last scores are those of the frames; before them may be others
  /// @param smallest     score that it can tell from none
  void add(std::vector<std::int64_t> frames, Calibration calibration, double smallest);

  /// The threshold is not below what the smallest scores come to.
  /// @param earlier  scores of frames of before, by the members' combination; they come first
  /// @throws Error invalid_argument if no frame was held out by all, and there are none of before
  Calibration calibrate_ensemble(
      const std::function<std::vector<float>(const ScoreCombination&)>& earlier = {}) const;

 private:
  std::vector<std::vector<std::int64_t>> frames_;  ///< of each member
  std::vector<Calibration> calibrations_;
  std::vector<double> smallest_;
};

}  // namespace patchcore
