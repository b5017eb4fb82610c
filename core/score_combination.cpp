// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the scores of an ensemble's members become one.
#include "core/score_combination.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/map_matrix.h"
#include "core/number_text.h"

namespace patchcore {
namespace {

cv::Mat resized(const cv::Mat& grid, cv::Size size) {
  if (grid.size() == size) return grid;
  cv::Mat larger;
  cv::resize(grid, larger, size, 0, 0, cv::INTER_LINEAR);
  return larger;
}

/// 1 for the patches that have a say.
cv::Mat seen(const IgnoredPatches& ignored, cv::Size grid) {
  cv::Mat flags(grid, CV_32F, cv::Scalar(1));
  float* const values = flags.ptr<float>();
  for (std::size_t i = 0; i < ignored.size(); ++i) values[i] = ignored[i] != 0 ? 0.0F : 1.0F;
  return flags;
}

/// At the size of a larger grid. What is ignored is 0 and must not lower what lies beside it.
cv::Mat at_size(const ScoreMap& map, const IgnoredPatches& ignored, cv::Size size) {
  const cv::Mat grid = as_mat(map);
  if (ignored.empty() || grid.size() == size) return resized(grid, size);
  const cv::Mat share = resized(seen(ignored, grid.size()), size);
  cv::Mat scores = resized(grid, size).clone();
  float* const values = scores.ptr<float>();
  const float* const shares = share.ptr<float>();
  for (std::size_t i = 0; i < scores.total(); ++i) {
    values[i] = shares[i] > 0 ? values[i] / shares[i] : 0;
  }
  return scores;
}

std::size_t largest_grid(const std::vector<FrameScore>& members) {
  const auto largest = std::max_element(members.begin(), members.end(),
                                        [](const FrameScore& a, const FrameScore& b) {
                                          return a.map.values.size() < b.map.values.size();
                                        });
  return static_cast<std::size_t>(largest - members.begin());
}

}  // namespace

ScoreCombination::ScoreCombination(const std::vector<Calibration>& members) {
  double thresholds = 0;
  for (const Calibration& member : members) {
    const double spread = member.threshold - member.usual_score;
    if (!(spread > 0)) {
      throw Error(ErrorCode::invalid_argument,
                  "member " + std::to_string(weights_.size() + 1) +
                      " of the ensemble has the threshold " + number_text(member.threshold) +
                      ", which is not above its usual score of " + number_text(member.usual_score));
    }
    weights_.push_back(1 / spread);
    thresholds += weights_.back() * member.threshold;
  }
  for (double& weight : weights_) weight /= thresholds;
}

double ScoreCombination::score(const std::vector<double>& scores) const {
  double sum = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) sum += weights_[i] * scores[i];
  return sum;
}

FrameScore ScoreCombination::combine(const std::vector<FrameScore>& members,
                                     const std::vector<const IgnoredPatches*>& ignored) const {
  std::vector<double> scores;
  for (const FrameScore& member : members) scores.push_back(member.score);
  FrameScore combined;
  combined.score = score(scores);

  const std::size_t largest = largest_grid(members);
  const ScoreMap& grid = members[largest].map;
  combined.map = {grid.height, grid.width, std::vector<float>(grid.values.size())};
  try {
    cv::Mat sum = as_mat(combined.map);
    for (std::size_t i = 0; i < members.size(); ++i) {
      cv::scaleAdd(at_size(members[i].map, *ignored[i], sum.size()), weights_[i], sum, sum);
    }
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::internal,
                std::string("OpenCV failed at the maps of an ensemble: ") + error.what());
  }
  const IgnoredPatches& masked = *ignored[largest];
  for (std::size_t i = 0; i < masked.size(); ++i) {
    if (masked[i] != 0) combined.map.values[i] = 0;
  }

  const float peak = *std::max_element(combined.map.values.begin(), combined.map.values.end());
  if (peak > 0) {
    const double factor = combined.score / peak;
    for (float& value : combined.map.values) value = static_cast<float>(factor * value);
    // The same number, so that a frame at the threshold has a place at the threshold.
    combined.score = *std::max_element(combined.map.values.begin(), combined.map.values.end());
  }
  return combined;
}

void HeldOutScores::add(std::vector<std::int64_t> frames, Calibration calibration,
                        double smallest) {
  frames_.push_back(std::move(frames));
  calibrations_.push_back(std::move(calibration));
  smallest_.push_back(smallest);
}

Calibration HeldOutScores::calibrate_ensemble(
    const std::function<std::vector<float>(const ScoreCombination&)>& earlier) const {
  const ScoreCombination combination(calibrations_);
  std::vector<float> combined;
  if (earlier) combined = earlier(combination);
  const bool of_frames =
      !combined.empty() || std::all_of(calibrations_.begin(), calibrations_.end(),
                                       [](const Calibration& member) { return member.of_frames; });
  for (const std::int64_t frame : frames_.front()) {
    std::vector<double> scores;
    for (std::size_t member = 0; member < frames_.size(); ++member) {
      const std::vector<std::int64_t>& own = frames_[member];
      const auto found = std::lower_bound(own.begin(), own.end(), frame);
      if (found == own.end() || *found != frame) break;
      const std::vector<float>& all = calibrations_[member].scores;
      scores.push_back(all[all.size() - static_cast<std::size_t>(own.end() - found)]);
    }
    if (scores.size() < frames_.size()) continue;
    combined.push_back(static_cast<float>(combination.score(scores)));
  }
  Calibration calibration = calibrate(std::move(combined), combination.score(smallest_));
  calibration.of_frames = of_frames;
  return calibration;
}

}  // namespace patchcore
