// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the threshold's properties, on which the verdict of every frame depends.
#include "core/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace patchcore {
namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> scores;
  for (std::size_t i = 0; i < count; ++i) scores.push_back(1 + static_cast<float>(i) / count);
  return scores;
}

}  // namespace

TEST(Calibrate, PutsTheThresholdAboveAllUsualScores) {
  for (const std::size_t count : {1U, 2U, 5U, 20U, 100U, 1000U}) {
    const std::vector<float> scores = ramp(count);
    EXPECT_GT(calibrate(scores).threshold, *std::max_element(scores.begin(), scores.end()));
  }
}

TEST(Calibrate, IsAboveEqualScores) {
  EXPECT_GT(calibrate(std::vector<float>(50, 2.0F)).threshold, 2.0);
}

TEST(Calibrate, FollowsTheUnitOfTheScores) {
  std::vector<float> scores = ramp(40);
  const double threshold = calibrate(scores).threshold;
  for (float& score : scores) score *= 8;
  EXPECT_DOUBLE_EQ(calibrate(scores).threshold, 8 * threshold);
}

TEST(Calibrate, IsNotMovedByOneOddFrameAmongHundreds) {
  std::vector<float> scores = ramp(300);
  const double before = calibrate(scores).threshold;
  scores[17] = 1000;
  EXPECT_LT(calibrate(scores).threshold, 1.05 * before);
}

TEST(Calibrate, IsNotLoweredByAScoreThatGrows) {
  std::vector<float> scores = ramp(40);
  double last = calibrate(scores).threshold;
  for (float& score : scores) {
    score *= 2;
    const double threshold = calibrate(scores).threshold;
    EXPECT_GE(threshold, last);
    last = threshold;
  }
}

TEST(Calibrate, AllowsMoreWhenItKnowsLess) {
  EXPECT_GT(calibrate(ramp(5)).threshold, calibrate(ramp(500)).threshold);
}

TEST(Calibrate, TellsGoodFramesFromOthersEvenWhenAllScoreZero) {
  const Calibration calibration = calibrate({0, 0, 0});
  EXPECT_GT(calibration.threshold, 0);
  EXPECT_LT(calibration.threshold, 1e-30);
}

TEST(Calibrate, ThresholdIsNotBelowTheSmallestThatMakesSense) {
  EXPECT_EQ(calibrate({1, 2, 3}, 100).threshold, 100);
  EXPECT_EQ(calibrate({1, 2, 3}, 0.5).threshold, calibrate({1, 2, 3}).threshold);
}

TEST(Calibrate, SaysWhenItGuesses) {
  EXPECT_TRUE(calibrate(ramp(19)).is_guess);
  EXPECT_FALSE(calibrate(ramp(20)).is_guess);
}

TEST(Calibrate, KeepsScoresInStreamOrderAndTheirMedian) {
  const Calibration calibration = calibrate({3, 1, 2});
  EXPECT_EQ(calibration.scores, (std::vector<float>{3, 1, 2}));
  EXPECT_EQ(calibration.usual_score, 2);
}

TEST(Calibrate, RefusesWhatIsNoScore) {
  EXPECT_THROW(calibrate({}), Error);
  EXPECT_THROW(calibrate({1, -0.5F}), Error);
  EXPECT_THROW(calibrate({1, std::nanf("")}), Error);
  EXPECT_THROW(calibrate({std::numeric_limits<float>::infinity()}), Error);
}

TEST(HeldOutFrames, AreAFifthInStretches) {
  const std::vector<bool> held_out = held_out_frames(1000);
  EXPECT_EQ(std::count(held_out.begin(), held_out.end(), true), 200);
  int changes = 0;
  for (std::size_t i = 1; i < held_out.size(); ++i) changes += held_out[i] != held_out[i - 1];
  EXPECT_EQ(changes, 10) << "five stretches have ten ends";
}

TEST(HeldOutFrames, LeaveMostFramesInTheBankForAnyNumber) {
  for (std::size_t frames = 1; frames < 200; ++frames) {
    const std::vector<bool> held_out = held_out_frames(frames);
    ASSERT_EQ(held_out.size(), frames);
    const auto count = static_cast<std::size_t>(std::count(held_out.begin(), held_out.end(), true));
    EXPECT_EQ(count == 0, frames == 1) << frames;
    EXPECT_LE(2 * count, frames) << frames;
  }
}

}  // namespace patchcore
