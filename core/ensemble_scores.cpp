// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What an ensemble scored its held-out frames, for one that takes over its patches.
#include "core/ensemble_scores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace patchcore {
namespace {

/// Relative; what is combined here was rounded to float32 when it was written.
constexpr double tolerance = 1e-5;

std::vector<float> combine(const std::vector<std::vector<float>>& members,
                           const ScoreCombination& combination) {
  std::vector<float> combined;
  for (std::size_t frame = 0; frame < members.front().size(); ++frame) {
    std::vector<double> scores;
    for (const std::vector<float>& member : members) scores.push_back(member[frame]);
    combined.push_back(static_cast<float>(combination.score(scores)));
  }
  return combined;
}

bool are_near(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::abs(x - y) <= tolerance * std::max(std::abs(x), std::abs(y));
  });
}

}  // namespace

EnsembleScores::EnsembleScores(const BankEnsemble& ensemble) {
  if (!ensemble.calibration.of_frames) return;
  combined_ = ensemble.calibration.scores;
  std::vector<Calibration> calibrations;
  std::vector<std::vector<float>> members;
  for (const BankFile& member : ensemble.members) {
    calibrations.push_back(member.calibration);
    members.push_back(member.calibration.scores);
    if (!member.calibration.of_frames || members.back().size() != combined_.size()) return;
  }
  if (are_near(combine(members, ScoreCombination(calibrations)), combined_)) {
    members_ = std::move(members);
  }
}

void EnsembleScores::update_member(std::size_t member, std::vector<float> scores) {
  if (!members_.empty()) members_[member] = std::move(scores);
}

std::vector<float> EnsembleScores::combined_by(const ScoreCombination& combination) const {
  return members_.empty() ? combined_ : combine(members_, combination);
}

}  // namespace patchcore
