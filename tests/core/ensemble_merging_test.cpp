// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the merging of ensembles: members by themselves, and the threshold of all together.
#include "core/ensemble_merging.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/detector.h"
#include "core/score_combination.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

const std::vector<std::string> paths = {"shard0", "shard1"};

class EnsembleMerging : public ::testing::Test {
 protected:
  BankEnsemble shard(int first_picture, int pictures = 10) {
    Trainer trainer(options_);
    for (int i = 0; i < pictures; ++i) {
      trainer.add(test::StripedPicture(first_picture + i).view());
    }
    test::build_and_wait(trainer, folder_ / "shard");
    return read_bank_ensemble(folder_ / "shard");
  }

  /// With the weights of both.
  BankEnsemble merge(std::vector<BankEnsemble> shards, BankMergingOptions options = {}) const {
    options.weights = options_.backbone.weights + ';' + options_.further_members.front().weights;
    return merge_ensembles(std::move(shards), paths, options);
  }

  const test::TemporaryFolder folder_;
  TrainerOptions options_ = test::tiny_ensemble_options(folder_.path());
};

/// One a frame, by the members' statistics.
std::vector<float> combined(const ScoreCombination& combination, const BankEnsemble& ensemble) {
  std::vector<float> scores;
  const std::vector<float>& first = ensemble.members[0].calibration.scores;
  const std::vector<float>& second = ensemble.members[1].calibration.scores;
  for (std::size_t i = 0; i < first.size(); ++i) {
    scores.push_back(static_cast<float>(combination.score({first[i], second[i]})));
  }
  return scores;
}

ScoreCombination combination_of(const BankEnsemble& ensemble) {
  return ScoreCombination({ensemble.members[0].calibration, ensemble.members[1].calibration});
}

}  // namespace

TEST_F(EnsembleMerging, MergesEachMemberByItself) {
  const BankEnsemble a = shard(0);
  const BankEnsemble b = shard(40);
  const BankEnsemble merged = merge({a, b});
  ASSERT_EQ(merged.members.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    BankMergingOptions options;
    options.weights = i == 0 ? options_.backbone.weights : options_.further_members.front().weights;
    const BankFile alone = merge_banks({a.members[i], b.members[i]}, paths, options);
    EXPECT_EQ(merged.members[i].bank.values, alone.bank.values);
    EXPECT_EQ(merged.members[i].calibration.threshold, alone.calibration.threshold);
    EXPECT_EQ(merged.members[i].self_test.score, alone.self_test.score);
    EXPECT_EQ(merged.members[i].frames, 20);
  }
  write_bank_ensemble(folder_ / "merged", merged);
  const Detector detector(folder_ / "merged", {});  // with its self-tests
  EXPECT_EQ(detector.bank().members, 2);
  EXPECT_EQ(detector.bank().threshold, merged.calibration.threshold);
}

TEST_F(EnsembleMerging, CombinesHeldOutScoresByTheNewStatistics) {
  const BankEnsemble a = shard(0);
  const BankEnsemble b = shard(40);
  const BankEnsemble merged = merge({a, b});
  EXPECT_EQ(merged.calibration.scores, combined(combination_of(merged), merged));
  EXPECT_EQ(merged.calibration.scores.size(),
            a.calibration.scores.size() + b.calibration.scores.size());
  EXPECT_EQ(merged.calibration.threshold, calibrate(merged.calibration.scores).threshold);
}

TEST_F(EnsembleMerging, TakesScoresOfARecalibratedShardAsTheyAre) {
  const BankEnsemble a = shard(0);
  BankEnsemble b = shard(40);
  b.calibration = calibrate({0.5F, 0.25F, 2});
  const BankEnsemble merged = merge({b, a});
  const std::vector<float>& scores = merged.calibration.scores;
  ASSERT_EQ(scores.size(), 3 + a.calibration.scores.size());
  EXPECT_EQ(std::vector<float>(scores.begin(), scores.begin() + 3), b.calibration.scores);
  EXPECT_EQ(std::vector<float>(scores.begin() + 3, scores.end()),
            combined(combination_of(merged), a));
}

TEST_F(EnsembleMerging, GuessesWhereNoFrameWasHeldOut) {
  const BankEnsemble merged = merge({shard(0, 1), shard(40, 1)});
  EXPECT_TRUE(merged.calibration.is_guess);
  EXPECT_EQ(merged.calibration.scores, combined(combination_of(merged), merged));
  EXPECT_EQ(merged.calibration.scores.size(), 1U);
}

TEST_F(EnsembleMerging, KeepsAsManyPatchesOfEachMember) {
  BankMergingOptions options;
  options.patches = 9;
  const BankEnsemble merged = merge({shard(0), shard(40)}, options);
  for (const BankFile& member : merged.members) EXPECT_EQ(member.bank.rows, 9U);
}

TEST_F(EnsembleMerging, OfSingleBanksIsThatOfBanks) {
  BankEnsemble a = shard(0);
  BankEnsemble b = shard(40);
  BankMergingOptions options;
  options.weights = options_.backbone.weights;
  const BankFile expected = merge_banks({a.members[0], b.members[0]}, paths, options);
  const BankEnsemble merged = merge_ensembles(
      {BankEnsemble::of(std::move(a.members[0])), BankEnsemble::of(std::move(b.members[0]))}, paths,
      options);
  ASSERT_EQ(merged.members.size(), 1U);
  EXPECT_EQ(merged.members[0].bank.values, expected.bank.values);
  EXPECT_EQ(merged.calibration.threshold, expected.calibration.threshold);
}

TEST_F(EnsembleMerging, RefusesOtherMembers) {
  const BankEnsemble a = shard(0);
  EXPECT_ERROR(merge({a}), invalid_argument, "at least two");
  EXPECT_ERROR(merge({a, BankEnsemble::of(a.members[0])}), invalid_argument,
               "\"shard0\" and \"shard1\" cannot be merged: they have 2 and 1 members");
  BankEnsemble turned = a;
  std::swap(turned.members[0], turned.members[1]);
  EXPECT_ERROR(merge({a, turned}), invalid_argument, "their backbone differs");
  BankEnsemble other = a;
  other.members[1].scoring.neighbours = 2;
  EXPECT_ERROR(merge({a, other}), invalid_argument, "their score differs");
  BankMergingOptions options;
  options.weights = "a;b;c";
  EXPECT_ERROR(merge_ensembles({a, a}, paths, options), invalid_argument, "for 3 members");
}

}  // namespace patchcore
