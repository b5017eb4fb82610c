// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores and maps of an ensemble normalized over the test set, as published.
#include "tools/patchcore/evaluation/test_set_normalization.h"

#include <algorithm>
#include <cstddef>

#include "core/scoring.h"

namespace patchcore {

void TestSetNormalization::Range::add(double value) {
  smallest = std::min(smallest, value);
  largest = std::max(largest, value);
}

double TestSetNormalization::Range::normalized(double value) const {
  return largest > smallest ? (value - smallest) / (largest - smallest) : 0;
}

void TestSetNormalization::add(const std::vector<MemberScore>& members, Size size,
                               double share_seen) {
  scores_.resize(members.size());
  maps_.resize(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    scores_[i].add(members[i].score);
    for (const float value : full_anomaly_map(members[i].map, size, share_seen).values)
      maps_[i].add(value);
  }
}

double TestSetNormalization::score(const std::vector<double>& scores) const {
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) sum += scores_[i].normalized(scores[i]);
  return sum / static_cast<double>(scores.size());
}

double TestSetNormalization::score(const std::vector<MemberScore>& members) const {
  std::vector<double> scores;
  for (const MemberScore& member : members) scores.push_back(member.score);
  return score(scores);
}

ScoreMap TestSetNormalization::map(const std::vector<MemberScore>& members, Size size,
                                   double share_seen) const {
  std::vector<double> sums;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ScoreMap full = full_anomaly_map(members[i].map, size, share_seen);
    sums.resize(full.values.size());
    for (std::size_t pixel = 0; pixel < sums.size(); ++pixel) {
      sums[pixel] += maps_[i].normalized(full.values[pixel]);
    }
  }
  ScoreMap mean{size.height, size.width, std::vector<float>(sums.size())};
  for (std::size_t pixel = 0; pixel < sums.size(); ++pixel) {
    mean.values[pixel] = static_cast<float>(sums[pixel] / static_cast<double>(members.size()));
  }
  return mean;
}

}  // namespace patchcore
