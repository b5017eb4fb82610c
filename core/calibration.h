// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The threshold, from the scores of normal frames that are not in the bank.
#pragma once

#include <cstddef>
#include <vector>

namespace patchcore {

struct Calibration {
  double threshold = 0;       ///< scores at or above it are anomalous; always above zero
  double usual_score = 0;     ///< the median score of normal frames
  std::vector<float> scores;  ///< of the held-out frames, in stream order
  bool is_guess = true;       ///< too few frames to trust the threshold
  /// Whether the scores are of frames. Of a single frame, and of an imported bank, there are none:
  /// the largest distance within the bank stands in, see guess_calibration().
  bool of_frames = true;
};

/// With fewer held-out frames than this the threshold is a guess.
constexpr std::size_t trusted_calibration_frames = 20;
/// Of which held_out_frames() holds out as many.
constexpr std::size_t trusted_training_frames = 5 * trusted_calibration_frames;

/// Puts the threshold above the upper tail of n normal scores:
///
///   threshold = q99 * (1 + 1 / (2 sqrt(n)))
///
/// q99 is the 99th percentile (linear interpolation), which one odd frame among hundreds cannot
/// move. The second factor is an allowance for how little n frames say of the tail: a half for one,
/// 5 % for a hundred. No more is needed: the held-out frames are scored against a bank that lacks
/// them and their neighbours, so their scores are higher than those of frames like them will be.
/// Multiplying all scores multiplies the threshold, and no score that grows lowers it.
///
/// @param scores    of normal frames, at least one, finite and not negative
/// @param smallest  threshold that makes sense: rounding alone must not reach it
/// @throws Error invalid_argument
Calibration calibrate(std::vector<float> scores, double smallest = 0);

/// How many neighbouring frames of so many are held out or not together.
std::size_t held_out_stretch(std::size_t frames);

/// Whether a frame is of a stretch that is held out.
bool is_held_out(std::size_t frame, std::size_t stretch);

/// Which frames to hold out: every fifth of 25 stretches of neighbouring frames, since neighbours
/// in a video are alike and would make the bank look better than it is.
/// @return one flag a frame; of two to four frames the last is held out, of one none
std::vector<bool> held_out_frames(std::size_t frames);

}  // namespace patchcore
