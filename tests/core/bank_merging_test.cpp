// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the merging of banks.
#include "core/bank_merging.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/bank_building.h"
#include "core/detector.h"
#include "core/nearest_neighbours.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

using Banks = std::vector<BankFile>;

/// The largest distance of a patch to the nearest of another bank.
double radius(const PatchMatrix& patches, const PatchMatrix& bank) {
  Neighbours nearest;
  make_nearest_neighbours(bank, IndexKind::automatic)->search(patches, 1, nearest);
  return std::sqrt(*std::max_element(nearest.distances.begin(), nearest.distances.end()));
}

class BankMerging : public ::testing::Test {
 protected:
  /// Trains on ten pictures.
  BankFile shard(int first_picture, const std::function<void(TrainerOptions&)>& change = {}) {
    TrainerOptions options = test::tiny_trainer_options(weights_);
    if (change) change(options);
    Trainer trainer(options);
    for (int i = 0; i < 10; ++i) trainer.add(test::StripedPicture(first_picture + i).view());
    test::build_and_wait(trainer, folder_ / "shard");
    return read_bank_file(folder_ / "shard");
  }

  BankFile merge(Banks shards, std::optional<std::int64_t> patches = {}) const {
    BankMergingOptions options;
    options.patches = patches;
    options.weights = weights_;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < shards.size(); ++i) {
      paths.push_back("shard" + std::to_string(i));
    }
    return merge_banks(std::move(shards), paths, options);
  }

  const test::TemporaryFolder folder_;
  const std::string weights_ = test::write_tiny_weights(folder_.path());
};

}  // namespace

TEST_F(BankMerging, KeepsPatchesOfBothAndLoads) {
  const BankFile a = shard(0);
  const BankFile b = shard(40);
  const BankFile merged = merge({a, b});
  EXPECT_EQ(merged.frames, 20);
  EXPECT_EQ(merged.patches, a.patches + b.patches);
  EXPECT_LE(merged.bank.rows, a.bank.rows + b.bank.rows);
  EXPECT_GT(merged.bank.rows, a.bank.rows);
  EXPECT_EQ(merged.calibration.scores.size(),
            a.calibration.scores.size() + b.calibration.scores.size());
  write_bank_file(folder_ / "merged", merged);
  const Detector detector(folder_ / "merged", {});  // with its self-test
  EXPECT_EQ(detector.bank().frames, 20);
}

// Each shard's frames were scored without the other's patches, which the merged bank has.
TEST_F(BankMerging, ScoresFollowTheOtherShardsPatches) {
  const BankFile a = shard(0);
  const BankFile b = shard(5);  // half of whose frames are those of the other
  ASSERT_GT(a.held_out.patches.rows, 0U);
  const auto all = static_cast<std::int64_t>(a.bank.rows + b.bank.rows);
  const BankFile merged = merge({a, b}, all);
  const std::vector<float>& scores = merged.calibration.scores;
  std::size_t lower = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t of_a = a.calibration.scores.size();
    const float before = i < of_a ? a.calibration.scores[i] : b.calibration.scores[i - of_a];
    EXPECT_LE(scores[i], before);
    lower += scores[i] < before;
  }
  EXPECT_GT(lower, 0U);
  EXPECT_NO_THROW(
      check_held_out(merged.held_out, merged.bank.columns, scores.size(), merged.scoring));

  BankFile without = a;
  without.held_out = {};
  const BankFile half = merge({without, b}, all);
  for (std::size_t i = 0; i < a.calibration.scores.size(); ++i) {
    EXPECT_EQ(half.calibration.scores[i], a.calibration.scores[i]);
  }
}

TEST_F(BankMerging, ScoresOfStepsAreThoseOfOne) {
  const BankFile a = shard(0);
  const BankFile b = shard(40);
  const BankFile c = shard(80);
  const auto rows = [](const BankFile& bank) { return static_cast<std::int64_t>(bank.bank.rows); };
  const BankFile ab = merge({a, b}, rows(a) + rows(b));
  const BankFile in_steps = merge({ab, c}, rows(a) + rows(b) + rows(c));
  const BankFile at_once = merge({a, b, c}, rows(a) + rows(b) + rows(c));
  ASSERT_EQ(in_steps.calibration.scores.size(), at_once.calibration.scores.size());
  for (std::size_t i = 0; i < at_once.calibration.scores.size(); ++i) {
    EXPECT_FLOAT_EQ(in_steps.calibration.scores[i], at_once.calibration.scores[i]);
  }
}

// Frames without any noise, as from a test source.
TEST_F(BankMerging, ThresholdIsAboveWhatRoundingMakes) {
  BankFile a = shard(0);
  BankFile b = shard(40);
  for (BankFile* bank : {&a, &b}) {
    std::fill(bank->calibration.scores.begin(), bank->calibration.scores.end(), 0.0F);
  }
  const BankFile merged = merge({a, b});
  EXPECT_GT(merged.calibration.threshold, 1e-12);
  EXPECT_EQ(merged.calibration.threshold, rounding_score(merged.bank, merged.scoring));
}

// Of a single frame, and of an imported bank, a distance within the bank stands in for a score.
TEST_F(BankMerging, WhatStandsInForScoresIsNone) {
  const BankFile a = shard(0);
  for (const std::int64_t frames : {0, 1}) {
    BankFile other = shard(40);
    other.frames = frames;
    other.calibration.scores = {1e6F};
    other.calibration.of_frames = false;
    EXPECT_EQ(merge({a, other}).calibration.scores, a.calibration.scores);
    EXPECT_EQ(merge({other, a}).calibration.scores, a.calibration.scores);
    const BankFile guessed = merge({other, other});
    EXPECT_TRUE(guessed.calibration.is_guess);
    EXPECT_LT(guessed.calibration.threshold, 1e6);
  }
}

// Scored when it was recalibrated, though it does not say what it was made from.
TEST_F(BankMerging, CountsScoresOfAnImportedBank) {
  const BankFile a = shard(0);
  BankFile imported = shard(40);
  imported.frames = 0;
  imported.calibration.scores = {0.25F, 0.5F};
  imported.held_out = {};
  const BankFile merged = merge({a, imported});
  ASSERT_EQ(merged.calibration.scores.size(), a.calibration.scores.size() + 2);
  EXPECT_EQ(merged.calibration.scores.back(), 0.5F);
  EXPECT_TRUE(merged.calibration.of_frames);
}

// Which were thinned already.
TEST_F(BankMerging, KeepsAllOfImportedBanks) {
  BankFile a = shard(0);
  BankFile b = shard(40);
  for (BankFile* bank : {&a, &b}) {
    bank->frames = 0;
    bank->patches = static_cast<std::int64_t>(bank->bank.rows);
    bank->coreset.ratio = 0.1;
  }
  EXPECT_EQ(merge({a, b}).bank.rows, a.bank.rows + b.bank.rows);
}

// Others would drop whole shards.
TEST_F(BankMerging, ThinsGreedilyWhateverTheSampler) {
  for (const SamplerKind sampler : {SamplerKind::identity, SamplerKind::random}) {
    const auto change = [&](TrainerOptions& options) { options.coreset.sampler = sampler; };
    const BankFile a = shard(0, change);
    const BankFile b = shard(40, change);
    const auto half = static_cast<std::int64_t>((a.bank.rows + b.bank.rows) / 2);
    const BankFile merged = merge({a, b}, half);
    EXPECT_EQ(merged.coreset.sampler, sampler);
    // As near as greedy picking brings them; a shard that was dropped would be farther.
    const double away = std::max(radius(a.bank, b.bank), radius(b.bank, a.bank));
    EXPECT_LT(radius(a.bank, merged.bank), 0.5 * away);
    EXPECT_LT(radius(b.bank, merged.bank), 0.5 * away);
  }
}

TEST_F(BankMerging, OfAllPatchesHasThoseOfTheShards) {
  const BankFile a = shard(0);
  const BankFile b = shard(40);
  const auto all = static_cast<std::int64_t>(a.bank.rows + b.bank.rows);
  const BankFile merged = merge({a, b}, all);
  EXPECT_EQ(static_cast<std::int64_t>(merged.bank.rows), all);
  EXPECT_EQ(radius(a.bank, merged.bank), 0);
  EXPECT_EQ(radius(b.bank, merged.bank), 0);
}

TEST_F(BankMerging, IsAssociativeWithinTheCoveringRadius) {
  const BankFile a = shard(0);
  const BankFile b = shard(40);
  const BankFile c = shard(80);
  const std::int64_t count = static_cast<std::int64_t>(a.bank.rows);
  const BankFile ab = merge({a, b}, count);
  const BankFile bc = merge({b, c}, count);
  const BankFile left = merge({ab, c}, count);
  const BankFile right = merge({a, bc}, count);
  // What the first step leaves uncovered, and the second.
  const double of_left = std::max(radius(a.bank, ab.bank), radius(b.bank, ab.bank)) +
                         std::max(radius(ab.bank, left.bank), radius(c.bank, left.bank));
  const double of_right = std::max(radius(b.bank, bc.bank), radius(c.bank, bc.bank)) +
                          std::max(radius(bc.bank, right.bank), radius(a.bank, right.bank));
  ASSERT_GT(of_left, 0);
  for (const BankFile* original : {&a, &b, &c}) {
    EXPECT_LE(radius(original->bank, left.bank), of_left * 1.0001);
    EXPECT_LE(radius(original->bank, right.bank), of_right * 1.0001);
  }
  EXPECT_LE(radius(left.bank, right.bank), of_right * 1.0001);
  EXPECT_LE(radius(right.bank, left.bank), of_left * 1.0001);
  EXPECT_EQ(left.frames, 30);
  EXPECT_EQ(left.patches, right.patches);
}

TEST_F(BankMerging, RefusesOtherSettings) {
  const BankFile a = shard(0);
  const struct {
    const char* what;
    std::function<void(TrainerOptions&)> change;
  } cases[] = {
      {"input size", [](TrainerOptions& options) { options.input_size = "96x64"; }},
      {"tile size or overlap", [](TrainerOptions& options) { options.tile_size = 32; }},
      {"region", [](TrainerOptions& options) { options.region = "0.0,0,0.9,1"; }},
      {"patch size", [](TrainerOptions& options) { options.patch_size = 1; }},
      {"embedding dimensions",
       [](TrainerOptions& options) { options.target_embed_dimension = 32; }},
      {"score", [](TrainerOptions& options) { options.scoring.neighbours = 2; }},
      {"score", [](TrainerOptions& options) { options.scoring.image_score = ImageScore::top; }},
      {"index", [](TrainerOptions& options) { options.index = IndexKind::faiss_flat; }},
  };
  for (const auto& [what, change] : cases) {
    EXPECT_ERROR(merge({a, shard(40, change)}), invalid_argument,
                 "their " + std::string(what) + " differs");
  }
  BankFile b = a;
  b.weights_sha256.assign(64, '1');
  EXPECT_ERROR(merge({a, b}), invalid_argument, "\"shard0\" and \"shard1\"");
}

TEST_F(BankMerging, RefusesTooFewShardsAndPatches) {
  const BankFile a = shard(0);
  EXPECT_ERROR(merge({a}), invalid_argument, "at least two");
  EXPECT_ERROR(merge({a, a}, 0), invalid_argument, "0 patches cannot be kept");
  EXPECT_ERROR(merge({a, a}, static_cast<std::int64_t>(2 * a.bank.rows + 1)), invalid_argument,
               "cannot be kept");
}

}  // namespace patchcore
