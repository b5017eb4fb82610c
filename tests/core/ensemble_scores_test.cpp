// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the scores of an ensemble's held-out frames become with other statistics.
#include "core/ensemble_scores.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace patchcore {
namespace {

Calibration calibration(double threshold, double usual, std::vector<float> scores) {
  return {threshold, usual, std::move(scores), true};
}

/// Of two members that held out three frames.
BankEnsemble ensemble() {
  BankEnsemble made;
  made.members.resize(2);
  made.members[0].calibration = calibration(4, 2, {1, 2, 3});
  made.members[1].calibration = calibration(30, 20, {10, 25, 15});
  const ScoreCombination own({made.members[0].calibration, made.members[1].calibration});
  for (const auto& [a, b] : {std::pair{1, 10}, {2, 25}, {3, 15}}) {
    made.calibration.scores.push_back(
        static_cast<float>(own.score({static_cast<double>(a), static_cast<double>(b)})));
  }
  return made;
}

/// (s / 1 + t / 5) / (8 / 1 + 20 / 5)
ScoreCombination other() {
  return ScoreCombination({calibration(8, 7, {}), calibration(20, 15, {})});
}

}  // namespace

TEST(EnsembleScores, AreCombinedAnew) {
  const std::vector<float> scores = EnsembleScores(ensemble()).combined_by(other());
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_FLOAT_EQ(scores[0], 3.0F / 12);
  EXPECT_FLOAT_EQ(scores[1], 7.0F / 12);
  EXPECT_FLOAT_EQ(scores[2], 6.0F / 12);
}

TEST(EnsembleScores, OfItsOwnStatisticsAreTheEnsemblesOwn) {
  const BankEnsemble made = ensemble();
  const ScoreCombination own({made.members[0].calibration, made.members[1].calibration});
  EXPECT_EQ(EnsembleScores(made).combined_by(own), made.calibration.scores);
}

// As when patches have joined its bank.
TEST(EnsembleScores, AreCombinedOfWhatAMemberSaysNow) {
  EnsembleScores followed{ensemble()};
  followed.update_member(1, {5, 10, 15});
  const std::vector<float> scores = followed.combined_by(other());
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_FLOAT_EQ(scores[0], 2.0F / 12);
  EXPECT_FLOAT_EQ(scores[1], 4.0F / 12);
  EXPECT_FLOAT_EQ(scores[2], 6.0F / 12);
  BankEnsemble recalibrated = ensemble();
  recalibrated.calibration.scores = {0.5F, 0.25F, 0.75F};
  EnsembleScores remaining{recalibrated};
  remaining.update_member(1, {5, 10, 15});
  EXPECT_EQ(remaining.combined_by(other()), recalibrated.calibration.scores);
}

// As after `patchcore bank recalibrate`, with as many frames or others.
TEST(EnsembleScores, OfOtherFramesThanTheMembersRemain) {
  BankEnsemble made = ensemble();
  made.calibration.scores = {0.5F, 0.25F, 0.75F};
  EXPECT_EQ(EnsembleScores(made).combined_by(other()), made.calibration.scores);
  made.calibration.scores = {0.5F, 0.25F};
  EXPECT_EQ(EnsembleScores(made).combined_by(other()), made.calibration.scores);
}

TEST(EnsembleScores, OfMembersThatHeldOutDifferentFramesRemain) {
  BankEnsemble made = ensemble();
  made.members[1].calibration.scores.pop_back();
  EXPECT_EQ(EnsembleScores(made).combined_by(other()), made.calibration.scores);
}

// Of a single frame, and of an imported ensemble, a distance within the bank stands in.
TEST(EnsembleScores, OfNoFramesAreNone) {
  BankEnsemble made = ensemble();
  made.calibration.of_frames = false;
  for (BankFile& member : made.members) member.calibration.of_frames = false;
  EXPECT_TRUE(EnsembleScores(made).combined_by(other()).empty());
  // Scored later, as a whole.
  made.calibration.of_frames = true;
  EXPECT_EQ(EnsembleScores(made).combined_by(other()), made.calibration.scores);
}

}  // namespace patchcore
