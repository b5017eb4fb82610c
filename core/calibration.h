// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The threshold, from the scores of normal frames that are not in the bank.
#pragma once

#include <cstddef>
#include <vector>

namespace patchcore {

struct Calibration {
  double threshold = 0;       ///< scores at or above it are anomalous
  double usual_score = 0;     ///< the median score of normal frames
  std::vector<float> scores;  ///< of the held-out frames, in stream order
  bool is_guess = true;       ///< too few frames to trust the threshold
};

/// With fewer held-out frames than this the threshold is a guess.
constexpr std::size_t trusted_calibration_frames = 20;

/// @param scores  of normal frames, at least one, finite and not negative
/// @throws Error invalid_argument
Calibration calibrate(std::vector<float> scores);

/// Which frames to hold out: every fifth stretch of neighbouring frames, since neighbours in a
/// video are alike and would make the bank look better than it is.
/// @return one flag a frame; none set for fewer than five frames but the last of two to four
std::vector<bool> held_out_frames(std::size_t frames);

}  // namespace patchcore
