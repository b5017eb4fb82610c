// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the combining of an ensemble's scores: the formula, computed again here, and what it
// promises.
#include "core/score_combination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

Calibration calibration(double threshold, double usual_score, std::vector<float> scores = {}) {
  return {threshold, usual_score, std::move(scores), false};
}

const IgnoredPatches nothing_ignored;

/// A value of the smaller map where a pixel of the larger one has its centre: by hand.
double bilinear(const ScoreMap& map, int row, int column, int height, int width) {
  const auto position = [](int index, int from, int to) {
    return std::clamp((index + 0.5) * from / to - 0.5, 0.0, from - 1.0);
  };
  const double y = position(row, map.height, height);
  const double x = position(column, map.width, width);
  const int top = std::min(static_cast<int>(y), map.height - 2);
  const int left = std::min(static_cast<int>(x), map.width - 2);
  const auto at = [&](int r, int c) {
    return static_cast<double>(map.values[static_cast<std::size_t>(r * map.width + c)]);
  };
  return (1 - (y - top)) * ((1 - (x - left)) * at(top, left) + (x - left) * at(top, left + 1)) +
         (y - top) * ((1 - (x - left)) * at(top + 1, left) + (x - left) * at(top + 1, left + 1));
}

}  // namespace

// The mean of the normalized scores, moved to where no distance is zero.
TEST(ScoreCombination, IsTheMeanOfNormalizedScores) {
  const double usual[] = {2, 30, 0.1};
  const double thresholds[] = {3, 50, 0.15};
  const ScoreCombination combination(
      {calibration(3, 2), calibration(50, 30), calibration(0.15, 0.1)});
  const auto mean = [&](const std::vector<double>& scores) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      sum += (scores[i] - usual[i]) / (thresholds[i] - usual[i]) / 3;
    }
    return sum;
  };
  const double of_nothing = mean({0, 0, 0});
  for (const std::vector<double>& scores :
       {std::vector<double>{0, 0, 0}, {2, 30, 0.1}, {3, 50, 0.15}, {7, 31, 0.2}, {1, 400, 0}}) {
    EXPECT_NEAR(combination.score(scores), (mean(scores) - of_nothing) / (1 - of_nothing), 1e-12);
  }
  EXPECT_EQ(combination.score({0, 0, 0}), 0);
  EXPECT_NEAR(combination.score({3, 50, 0.15}), 1, 1e-12);
}

TEST(ScoreCombination, OfOneIsTheRelativeScore) {
  const ScoreCombination combination({calibration(4, 1)});
  EXPECT_DOUBLE_EQ(combination.score({6}), 1.5);
  const FrameScore combined = combination.combine({{6, {1, 3, {1, 6, 2}}}}, {&nothing_ignored});
  EXPECT_FLOAT_EQ(static_cast<float>(combined.score), 1.5F);
  EXPECT_EQ(combined.map.values, (std::vector<float>{0.25F, 1.5F, 0.5F}));
}

// Its normal frames spread less, so the same share above its threshold means more.
TEST(ScoreCombination, WeighsMembersByTheirSpread) {
  const ScoreCombination combination({calibration(10, 9), calibration(10, 5)});
  EXPECT_GT(combination.score({12, 10}), combination.score({10, 12}));
  EXPECT_DOUBLE_EQ(combination.weights()[0], 5 * combination.weights()[1]);
}

TEST(ScoreCombination, BringsMapsToTheLargestGrid) {
  const ScoreCombination combination({calibration(2, 1), calibration(8, 4)});
  const ScoreMap small = {2, 3, {0, 1, 2, 3, 4, 5}};
  ScoreMap large = {4, 6, std::vector<float>(24)};
  for (std::size_t i = 0; i < 24; ++i) large.values[i] = static_cast<float>(i % 7);
  const FrameScore combined =
      combination.combine({{5, small}, {6, large}}, {&nothing_ignored, &nothing_ignored});
  ASSERT_EQ(combined.map.height, 4);
  ASSERT_EQ(combined.map.width, 6);
  EXPECT_NEAR(combined.score, combination.score({5, 6}), 1e-6);
  EXPECT_EQ(*std::max_element(combined.map.values.begin(), combined.map.values.end()),
            static_cast<float>(combined.score));
  std::vector<double> expected;
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 6; ++column) {
      expected.push_back(combination.weights()[0] * bilinear(small, row, column, 4, 6) +
                         combination.weights()[1] *
                             large.values[static_cast<std::size_t>(row * 6 + column)]);
    }
  }
  const double factor = combined.score / *std::max_element(expected.begin(), expected.end());
  EXPECT_GE(factor, 1);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(combined.map.values[i], factor * expected[i], 1e-6) << i;
  }
}

// What one of them ignores is zero in its map and no sign that all is well beside it.
TEST(ScoreCombination, IgnoresWhatIsMasked) {
  const ScoreCombination combination({calibration(2, 1), calibration(2, 1)});
  const ScoreMap small = {2, 2, {0, 3, 3, 3}};
  ScoreMap large = {4, 4, std::vector<float>(16, 3)};
  large.values[0] = 0;
  const IgnoredPatches coarse = {1, 0, 0, 0};
  IgnoredPatches fine(16);
  fine[0] = 1;
  const FrameScore combined = combination.combine({{3, small}, {3, large}}, {&coarse, &fine});
  EXPECT_EQ(combined.map.values[0], 0);
  // Where the small map says nothing, the large one alone does.
  const float full = combined.map.values[15];
  EXPECT_FLOAT_EQ(full, 1.5F);
  for (std::size_t i = 1; i < 16; ++i) EXPECT_GE(combined.map.values[i], full / 2) << i;
  EXPECT_FLOAT_EQ(combined.map.values[2], full);
  EXPECT_FLOAT_EQ(combined.map.values[8], full);
}

TEST(ScoreCombination, RefusesMembersWithoutASpread) {
  EXPECT_ERROR(ScoreCombination({calibration(1, 1)}), invalid_argument, "not above its usual");
  EXPECT_ERROR(ScoreCombination({calibration(2, 1), calibration(1, 2)}), invalid_argument,
               "member 2");
  EXPECT_ERROR(ScoreCombination({calibration(std::nan(""), 1)}), invalid_argument, "member 1");
}

// In the usual way, from the frames that all have held out.
TEST(HeldOutScores, CalibratesWithTheFramesOfAll) {
  HeldOutScores scores;
  const Calibration first = calibration(10, 5, {4, 5, 6, 7});
  const Calibration second = calibration(3, 2, {1, 2, 2.5F});
  scores.add({2, 7, 12, 17}, first, 0.001);
  scores.add({2, 12, 22}, second, 0.001);
  const ScoreCombination combination({first, second});
  const auto of = [&](double a, double b) { return static_cast<float>(combination.score({a, b})); };
  const Calibration expected = calibrate({of(4, 1), of(6, 2)});
  const Calibration found = scores.calibrate_ensemble();
  EXPECT_EQ(found.scores, expected.scores);
  EXPECT_EQ(found.threshold, expected.threshold);
  EXPECT_EQ(found.usual_score, expected.usual_score);
  EXPECT_TRUE(found.is_guess);
}

// Frames without any noise, as of a test source.
TEST(HeldOutScores, KeepTheThresholdAboveRounding) {
  HeldOutScores scores;
  scores.add({0, 1}, calibration(0.5, 0, {0, 0}), 0.5);
  scores.add({0, 1}, calibration(0.25, 0, {0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(scores.calibrate_ensemble().threshold, 1);
}

TEST(HeldOutScores, NeedAFrameThatAllHaveHeldOut) {
  HeldOutScores scores;
  scores.add({0}, calibration(2, 1, {1}), 0);
  scores.add({1}, calibration(2, 1, {1}), 0);
  EXPECT_ERROR(scores.calibrate_ensemble(), invalid_argument, "at least one frame");
}

}  // namespace patchcore
