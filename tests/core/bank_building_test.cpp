// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what becomes of the collected patches: sizes, held-out frames, calibration.
#include "core/bank_building.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

/// Patches of 2 x 3 a frame; every value tells its frame and patch.
PatchMatrix make_patches(int frames) {
  PatchMatrix patches{0, 4, {}};
  for (int frame = 0; frame < frames; ++frame) {
    for (int patch = 0; patch < 6; ++patch) {
      for (int column = 0; column < 4; ++column) {
        patches.values.push_back(static_cast<float>(std::sin(frame * 1.7 + patch * 0.9 + column)));
      }
      ++patches.rows;
    }
  }
  return patches;
}

CollectedPatches as_frames(PatchMatrix patches) {
  const std::size_t frames = patches.rows / 6;
  return {PatchRows(std::move(patches)), std::vector<PatchLayout>(frames, PatchGrid{2, 3})};
}

CollectedPatches make_frames(int frames) {
  return as_frames(make_patches(frames));
}

CoresetOptions everything() {
  CoresetOptions options;
  options.sampler = SamplerKind::identity;
  options.max_patches = 0;
  options.ratio = 1;
  return options;
}

std::multiset<std::vector<float>> rows_of(const PatchMatrix& matrix) {
  std::multiset<std::vector<float>> rows;
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    rows.insert(std::vector<float>(matrix.row(row), matrix.row(row) + matrix.columns));
  }
  return rows;
}

void ignore_progress(BuildingStep, double) {}

}  // namespace

TEST(BuildBank, KeepsEveryPatchOfHeldOutFramesToo) {
  const CollectedPatches frames = make_frames(10);
  const BuiltBank built =
      build_bank(split_held_out(frames), everything(), {}, IndexKind::automatic, ignore_progress);
  EXPECT_EQ(rows_of(built.bank), rows_of(frames.patches.features()));
  EXPECT_EQ(built.calibration.scores.size(), 2U);
}

TEST(BuildBank, ScoresHeldOutFramesAgainstTheOthersOnly) {
  // Were a held-out frame in the bank, its score would be zero.
  const BuiltBank built = build_bank(split_held_out(make_frames(10)), everything(), {},
                                     IndexKind::automatic, ignore_progress);
  for (const float score : built.calibration.scores) EXPECT_GT(score, 1e-6F);
}

TEST(BuildBank, KeepsTheShareThatIsAskedFor) {
  CoresetOptions options;
  options.ratio = 0.25;
  for (const SamplerKind sampler :
       {SamplerKind::random, SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    options.sampler = sampler;
    EXPECT_EQ(build_bank(split_held_out(make_frames(40)), options, {}, IndexKind::automatic,
                         ignore_progress)
                  .bank.rows,
              60U);
  }
  options.max_patches = 33;
  EXPECT_EQ(build_bank(split_held_out(make_frames(40)), options, {}, IndexKind::automatic,
                       ignore_progress)
                .bank.rows,
            33U);
}

TEST(BuildBank, GuessesFromASingleFrame) {
  const BuiltBank built = build_bank(split_held_out(make_frames(1)), everything(), {},
                                     IndexKind::automatic, ignore_progress);
  EXPECT_EQ(built.bank.rows, 6U);
  EXPECT_TRUE(built.calibration.is_guess);
  EXPECT_GT(built.calibration.threshold, 0);
}

TEST(BuildBank, AllowsForRoundingWhereFramesAreAllTheSame) {
  PatchMatrix patches = make_patches(40);
  for (std::size_t i = 0; i < patches.values.size(); ++i) {
    patches.values[i] = patches.values[i % 24];
  }
  const Calibration calibration = build_bank(split_held_out(as_frames(patches)), everything(), {},
                                             IndexKind::automatic, ignore_progress)
                                      .calibration;
  EXPECT_EQ(calibration.usual_score, 0);
  EXPECT_GT(calibration.threshold, 1e-7);
}

TEST(BuildBank, IsRepeatable) {
  CoresetOptions options;
  options.seed = 7;
  const BuiltBank first = build_bank(split_held_out(make_frames(40)), options, {},
                                     IndexKind::automatic, ignore_progress);
  const BuiltBank second = build_bank(split_held_out(make_frames(40)), options, {},
                                      IndexKind::automatic, ignore_progress);
  EXPECT_EQ(first.bank.values, second.bank.values);
  EXPECT_EQ(first.calibration.threshold, second.calibration.threshold);
}

TEST(BuildBank, NeedsAsManyPatchesAsNeighbours) {
  CoresetOptions options;
  options.max_patches = 10;
  ScoringOptions scoring;
  scoring.neighbours = 10;
  EXPECT_EQ(build_bank(split_held_out(make_frames(40)), options, scoring, IndexKind::automatic,
                       ignore_progress)
                .bank.rows,
            10U);
  scoring.neighbours = 11;
  EXPECT_THROW(build_bank(split_held_out(make_frames(40)), options, scoring, IndexKind::automatic,
                          ignore_progress),
               Error);
}

TEST(BuildBank, MeasuresTheRecallOfAnApproximateIndex) {
  const auto build = [](IndexKind index) {
    return build_bank(split_held_out(make_frames(40)), everything(), {}, index, ignore_progress);
  };
  const BuiltBank exact = build(IndexKind::automatic);
  EXPECT_FALSE(exact.recall);
  EXPECT_FALSE(build(IndexKind::faiss_flat).recall);
  for (const IndexKind index : {IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    SCOPED_TRACE(index_name(index));
    const BuiltBank built = build(index);
    ASSERT_TRUE(built.recall);
    EXPECT_GT(built.recall->neighbours, 0.9);
    EXPECT_LE(built.recall->mean_score_error, built.recall->largest_score_error);
    EXPECT_EQ(built.bank.values, exact.bank.values);
  }
}

// The recall that is told is that of the scores that the threshold comes from.
TEST(BuildBank, CalibratesWithTheIndexOfDetection) {
  // Of no structure at all, so that much is missed.
  CollectedPatches frames;
  frames.patches = PatchRows(test::random_patches(40 * 50, 16, 1));
  frames.layouts.assign(40, PatchGrid{5, 10});
  ScoringOptions scoring;
  scoring.neighbours = 200;
  const auto build = [&](IndexKind index) {
    return build_bank(split_held_out(frames), everything(), scoring, index, ignore_progress);
  };
  const BuiltBank exact = build(IndexKind::automatic);
  const BuiltBank built = build(IndexKind::faiss_ivfpq);
  ASSERT_TRUE(built.recall);
  ASSERT_LT(built.recall->neighbours, 1);
  double sum = 0;
  double largest = 0;
  ASSERT_EQ(built.calibration.scores.size(), exact.calibration.scores.size());
  for (std::size_t i = 0; i < exact.calibration.scores.size(); ++i) {
    const double error = 1 - static_cast<double>(exact.calibration.scores[i]) /
                                 static_cast<double>(built.calibration.scores[i]);
    sum += error;
    largest = std::max(largest, error);
  }
  EXPECT_GT(largest, 0);
  EXPECT_NEAR(built.recall->largest_score_error, largest, 1e-6);
  EXPECT_NEAR(built.recall->mean_score_error,
              sum / static_cast<double>(exact.calibration.scores.size()), 1e-6);
}

TEST(BuildBank, KnowsNoRecallFromASingleFrame) {
  const BuiltBank built = build_bank(split_held_out(make_frames(1)), everything(), {},
                                     IndexKind::faiss_hnsw, ignore_progress);
  EXPECT_FALSE(built.recall);
  EXPECT_GT(built.calibration.threshold, 0);
}

// Before the coreset, which can take minutes.
TEST(BuildBank, SaysAtOnceThatABankIsTooSmallForItsIndex) {
  const auto never = [](BuildingStep, double) { ADD_FAILURE() << "the building began"; };
  EXPECT_ERROR(
      build_bank(split_held_out(make_frames(10)), everything(), {}, IndexKind::faiss_ivfpq, never),
      invalid_argument, "this one has 48");
}

TEST(BuildBank, ContinuesAnEarlierBank) {
  const BuiltBank first = build_bank(split_held_out(make_frames(10)), everything(), {},
                                     IndexKind::automatic, ignore_progress);
  EarlierBank earlier = {first.bank, 60, first.calibration.scores};
  const BuiltBank both = build_bank(split_held_out(make_frames(5)), everything(), {},
                                    IndexKind::automatic, ignore_progress, std::move(earlier));
  std::multiset<std::vector<float>> expected = rows_of(make_patches(10));
  for (const auto& row : rows_of(make_patches(5))) expected.insert(row);
  EXPECT_EQ(rows_of(both.bank), expected);
  // Two frames were held out of ten, one of five.
  ASSERT_EQ(both.calibration.scores.size(), 3U);
  EXPECT_EQ(both.calibration.scores[0], first.calibration.scores[0]);
  EXPECT_EQ(both.calibration.scores[1], first.calibration.scores[1]);
}

// As those of a bank that was trained on all at once, whose frames were held out of it.
TEST(BuildBank, ScoresOfAnEarlierBankFollowWhatIsNew) {
  const BuiltBank first = build_bank(split_held_out(make_frames(10)), everything(), {},
                                     IndexKind::automatic, ignore_progress);
  // New frames lie near the earlier ones.
  PatchMatrix near = make_patches(10);
  for (float& value : near.values) value += 0.01F;
  for (const SamplerKind sampler : {SamplerKind::identity, SamplerKind::greedy}) {
    CoresetOptions coreset = everything();
    coreset.sampler = sampler;
    EarlierBank earlier = {first.bank, 60, first.calibration.scores, first.held_out};
    const BuiltBank both = build_bank(split_held_out(as_frames(near)), coreset, {},
                                      IndexKind::automatic, ignore_progress, std::move(earlier));
    ASSERT_EQ(both.calibration.scores.size(), 4U);
    for (std::size_t frame = 0; frame < 2; ++frame) {
      ASSERT_GT(first.calibration.scores[frame], 0.001F);
      EXPECT_NEAR(both.calibration.scores[frame], 4 * 0.01 * 0.01, 1e-5);
    }
    EXPECT_LT(both.calibration.threshold, first.calibration.threshold);
    EXPECT_EQ(both.held_out.frames.front(), 0);
    EXPECT_EQ(both.held_out.frames.back(), 3);
    EXPECT_NO_THROW(check_held_out(both.held_out, 4, 4, {}));
  }
}

TEST(BuildBank, AnEarlierBankCountsForTheSizeAndKeepsItsShare) {
  for (const SamplerKind sampler :
       {SamplerKind::random, SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    CoresetOptions options;
    options.sampler = sampler;
    options.ratio = 0.25;
    // 24 patches that stand for 240; far from all that is new.
    EarlierBank earlier = {make_patches(4), 240, {0.5F}};
    for (float& value : earlier.patches.values) value += 100;
    const BuiltBank built = build_bank(split_held_out(make_frames(40)), options, {},
                                       IndexKind::automatic, ignore_progress, std::move(earlier));
    EXPECT_EQ(built.bank.rows, 120U);
    std::size_t of_earlier = 0;
    for (std::size_t row = 0; row < built.bank.rows; ++row)
      of_earlier += built.bank.row(row)[0] > 50;
    EXPECT_GT(of_earlier, 10U);
    EXPECT_LE(of_earlier, 24U);
  }
}

TEST(BuildBank, TheSmallestBankMayBeContinued) {
  EarlierBank earlier = {make_patches(1), 6, {}};
  const BuiltBank built = build_bank(split_held_out(make_frames(1)), everything(), {},
                                     IndexKind::automatic, ignore_progress, std::move(earlier));
  EXPECT_EQ(built.bank.rows, 12U);
  EXPECT_EQ(built.calibration.scores.size(), 1U);
  EXPECT_TRUE(built.calibration.is_guess);
}

TEST(BuildBank, RefusesABankOfOtherPatches) {
  EarlierBank earlier = {{2, 3, std::vector<float>(6)}, 2, {}};
  EXPECT_THROW(build_bank(split_held_out(make_frames(5)), everything(), {}, IndexKind::automatic,
                          ignore_progress, std::move(earlier)),
               Error);
}

TEST(BuildBank, StopsWhenProgressSaysSo) {
  EXPECT_THROW(
      build_bank(split_held_out(make_frames(40)), {}, {}, IndexKind::automatic,
                 [](BuildingStep, double) { throw Error(ErrorCode::cancelled, "enough"); }),
      Error);
}

}  // namespace patchcore
