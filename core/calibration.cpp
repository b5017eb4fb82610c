// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The threshold, from the scores of normal frames that are not in the bank.
#include "core/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/number_text.h"

namespace patchcore {
namespace {

constexpr std::size_t stretches = 25;
constexpr std::size_t every_nth_stretch = 5;
constexpr std::size_t first_held_out_stretch = 2;

/// With linear interpolation between the two nearest of @p sorted.
double quantile(const std::vector<float>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(below);
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

}  // namespace

Calibration calibrate(std::vector<float> scores, double smallest) {
  if (scores.empty()) {
    throw Error(ErrorCode::invalid_argument, "a threshold needs the score of at least one frame");
  }
  for (const float score : scores) {
    if (!std::isfinite(score) || score < 0) {
      throw Error(ErrorCode::invalid_argument,
                  "a normal frame has the score " + number_text(score) +
                      ", from which no threshold can be computed: check the backbone's weights");
    }
  }
  std::vector<float> sorted = scores;
  std::sort(sorted.begin(), sorted.end());
  const double allowance = 1 + 0.5 / std::sqrt(static_cast<double>(sorted.size()));

  Calibration calibration;
  // Frames that all score zero leave no scale; the smallest positive number still tells them from
  // anything else.
  calibration.threshold = std::max<double>(
      {quantile(sorted, 0.99) * allowance, smallest, std::numeric_limits<float>::min()});
  calibration.usual_score = quantile(sorted, 0.5);
  calibration.is_guess = scores.size() < trusted_calibration_frames;
  calibration.scores = std::move(scores);
  return calibration;
}

std::size_t held_out_stretch(std::size_t frames) {
  return std::max<std::size_t>(1, (frames + stretches / 2) / stretches);
}

bool is_held_out(std::size_t frame, std::size_t stretch) {
  return frame / stretch % every_nth_stretch == first_held_out_stretch;
}

std::vector<bool> held_out_frames(std::size_t frames) {
  std::vector<bool> held_out(frames, false);
  if (frames >= every_nth_stretch) {
    const std::size_t length = held_out_stretch(frames);
    for (std::size_t frame = 0; frame < frames; ++frame) {
      held_out[frame] = is_held_out(frame, length);
    }
  } else if (frames > 1) {
    held_out.back() = true;
  }
  return held_out;
}

}  // namespace patchcore
