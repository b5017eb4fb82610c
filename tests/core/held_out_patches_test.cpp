// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is kept of held-out frames, and how their scores follow patches that join the bank.
#include "core/held_out_patches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "core/nearest_neighbours.h"
#include "core/patch_matrix.h"
#include "core/scoring.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

using Floats = std::vector<float>;

constexpr std::size_t columns = 8;
constexpr std::size_t frame_patches = 24;

Neighbours search(const PatchMatrix& patches, const PatchMatrix& bank, std::size_t k) {
  Neighbours neighbours;
  make_nearest_neighbours(bank, IndexKind::automatic)->search(patches, k, neighbours);
  return neighbours;
}

double score(const PatchMatrix& patches, const PatchMatrix& bank, const ScoringOptions& options) {
  const auto index = make_nearest_neighbours(bank, IndexKind::automatic);
  Neighbours neighbours;
  return Scoring(options, bank, *index)
      .score(patches, PatchGrid{1, static_cast<int>(patches.rows)}, neighbours)
      .score;
}

/// A bank, frames that were held out of it, and their scores.
struct HeldOut {
  PatchMatrix bank = test::random_patches(60, columns, 1);
  std::vector<PatchMatrix> frames;
  HeldOutPatches kept;
  Floats scores;

  HeldOut(std::size_t count, const ScoringOptions& options) {
    const std::size_t k = searched_neighbours(options);
    for (std::size_t i = 0; i < count; ++i) {
      frames.push_back(test::random_patches(frame_patches, columns, 100 + i));
      add_held_out_frame(kept, static_cast<std::int64_t>(i), frames.back(),
                         search(frames.back(), bank, k));
      scores.push_back(static_cast<float>(score(frames.back(), bank, options)));
    }
  }
};

}  // namespace

// As if the bank had had the patches from the start.
TEST(HeldOutPatches, ScoresFollowWhatJoins) {
  const PatchMatrix joining = test::random_patches(50, columns, 7);
  for (const int neighbours : {1, 3}) {
    SCOPED_TRACE(neighbours);
    ScoringOptions options;
    options.neighbours = neighbours;
    HeldOut held_out(5, options);
    const Floats before = held_out.scores;
    follow_joining_patches(held_out.kept, joining, options, held_out.scores);
    PatchMatrix grown = held_out.bank;
    append_rows(grown, joining);
    bool has_moved = false;
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_NEAR(held_out.scores[i], score(held_out.frames[i], grown, options), 1e-5);
      has_moved = has_moved || held_out.scores[i] < 0.99F * before[i];
    }
    EXPECT_TRUE(has_moved);
  }
}

TEST(HeldOutPatches, FollowStepByStepAsAtOnce) {
  const PatchMatrix joining = test::random_patches(50, columns, 7);
  HeldOut at_once(5, {});
  HeldOut in_steps(5, {});
  follow_joining_patches(at_once.kept, joining, {}, at_once.scores);
  follow_joining_patches(in_steps.kept, copy_rows(joining, 0, 20), {}, in_steps.scores);
  follow_joining_patches(in_steps.kept, copy_rows(joining, 20, 30), {}, in_steps.scores);
  EXPECT_EQ(in_steps.kept.distances, at_once.kept.distances);
  for (std::size_t i = 0; i < at_once.scores.size(); ++i) {
    EXPECT_FLOAT_EQ(in_steps.scores[i], at_once.scores[i]);
  }
}

// The weight of equation 7 stays what it was, and of the highest hundredth it is as of the whole.
TEST(HeldOutPatches, ShrinkOtherScoresInProportion) {
  HeldOutPatches kept;
  add_held_out_frame(kept, 0, test::patches_of({{0, 0}, {0, 4}}), {2, 1, {16, 4}, {0, 0}});
  const PatchMatrix joining = test::patches_of({{0, 1}});  // 1 and 9 from them
  const auto followed = [&](ScoreMode mode, ImageScore image_score) {
    ScoringOptions options;
    options.mode = mode;
    options.image_score = image_score;
    HeldOutPatches patches = kept;
    Floats scores = {80};
    follow_joining_patches(patches, joining, options, scores);
    return scores.front();
  };
  EXPECT_FLOAT_EQ(followed(ScoreMode::published, ImageScore::max), 80 * 4 / 16.0F);
  EXPECT_FLOAT_EQ(followed(ScoreMode::published, ImageScore::top), 80 * 5 / 20.0F);
  EXPECT_FLOAT_EQ(followed(ScoreMode::paper, ImageScore::max), 80 * 2 / 4.0F);
  EXPECT_FLOAT_EQ(followed(ScoreMode::paper, ImageScore::top), 80 * 3 / 6.0F);
}

// As when a bank is continued with what it was made from: the threshold would fall to nothing.
TEST(HeldOutPatches, OfFramesThatAreSeenAgainStay) {
  HeldOut held_out(3, {});
  const Floats before = held_out.scores;
  PatchMatrix joining = test::random_patches(50, columns, 7);
  append_rows(joining, copy_rows(held_out.kept.patches, 3, 1));  // of the first frame
  follow_joining_patches(held_out.kept, joining, {}, held_out.scores);
  EXPECT_EQ(held_out.scores[0], before[0]);
  EXPECT_LT(held_out.scores[1], before[1]);
  EXPECT_LT(held_out.scores[2], before[2]);
}

TEST(HeldOutPatches, StayWithoutPatchesThatJoin) {
  HeldOut held_out(3, {});
  const Floats before = held_out.scores;
  follow_joining_patches(held_out.kept, {0, columns, {}}, {}, held_out.scores);
  EXPECT_EQ(held_out.scores, before);
  HeldOutPatches none;
  Floats scores = {1, 2};
  follow_joining_patches(none, held_out.bank, {}, scores);
  EXPECT_EQ(scores, (Floats{1, 2}));
}

TEST(HeldOutPatches, AFrameThatScoredNothingStays) {
  HeldOutPatches kept;
  add_held_out_frame(kept, 0, test::patches_of({{1, 1}}), {1, 1, {0}, {0}});
  Floats scores = {0};
  follow_joining_patches(kept, test::patches_of({{2, 2}}), {}, scores);
  EXPECT_EQ(scores, (Floats{0}));
}

// Only they can decide on the score.
TEST(HeldOutPatches, AreTheHighestOfAFrame) {
  PatchMatrix patches{0, 1, {}};
  Neighbours neighbours;
  neighbours.k = 1;
  for (int i = 0; i < 100; ++i) {
    const auto value = static_cast<float>((i * 37) % 100);
    const float row[] = {value};
    append_rows(patches, row, 1);
    neighbours.distances.push_back(value);
    neighbours.indices.push_back(0);
    ++neighbours.queries;
  }
  HeldOutPatches kept;
  add_held_out_frame(kept, 4, patches, neighbours);
  ASSERT_EQ(kept.patches.rows, held_out_patches_kept);
  for (std::size_t i = 0; i < held_out_patches_kept; ++i) {
    EXPECT_EQ(kept.distances[i], static_cast<float>(99 - i));
    EXPECT_EQ(kept.patches.row(i)[0], kept.distances[i]);
    EXPECT_EQ(kept.frames[i], 4);
  }
}

TEST(HeldOutPatches, AreThoseOfTheHighestFrames) {
  HeldOutPatches kept;
  Floats scores;
  const std::size_t count = held_out_frames_kept + 50;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>((i * 7) % count);
    add_held_out_frame(kept, static_cast<std::int64_t>(i), {2, 1, {value, value}},
                       {2, 1, {value, value}, {0, 0}});
    scores.push_back(value);
  }
  keep_highest_frames(kept, scores);
  ASSERT_EQ(kept.patches.rows, 2 * held_out_frames_kept);
  EXPECT_TRUE(std::is_sorted(kept.frames.begin(), kept.frames.end()));
  for (std::size_t row = 0; row < kept.patches.rows; ++row) {
    const float frame_score = scores[static_cast<std::size_t>(kept.frames[row])];
    EXPECT_GE(frame_score, 50);
    EXPECT_EQ(kept.patches.row(row)[0], frame_score);
    EXPECT_EQ(kept.distances[row], frame_score);
  }
}

TEST(HeldOutPatches, OfSeveralBanksKeepTheirScores) {
  HeldOut first(2, {});
  const HeldOut second(3, {});
  append_held_out(first.kept, second.kept, 2);
  first.scores.insert(first.scores.end(), second.scores.begin(), second.scores.end());
  EXPECT_EQ(first.kept.frames.front(), 0);
  EXPECT_EQ(first.kept.frames.back(), 4);
  EXPECT_NO_THROW(check_held_out(first.kept, columns, 5, {}));
  HeldOutPatches of_none;
  append_held_out(of_none, second.kept, 0);
  EXPECT_EQ(of_none.patches.values, second.kept.patches.values);
}

TEST(HeldOutPatches, AreCheckedBeforeTheyAreUsed) {
  const HeldOut good(3, {});
  EXPECT_NO_THROW(check_held_out(good.kept, columns, 3, {}));
  EXPECT_NO_THROW(check_held_out({}, columns, 3, {}));
  const std::vector<std::function<void(HeldOutPatches&)>> changes = {
      [](HeldOutPatches& kept) { kept.patches.values.pop_back(); },
      [](HeldOutPatches& kept) { kept.patches.values[3] = std::nanf(""); },
      [](HeldOutPatches& kept) { kept.distances.pop_back(); },
      [](HeldOutPatches& kept) { kept.distances[1] = -1; },
      [](HeldOutPatches& kept) { kept.distances[1] = INFINITY; },
      [](HeldOutPatches& kept) { kept.frames.pop_back(); },
      [](HeldOutPatches& kept) { kept.frames[0] = -1; },
      [](HeldOutPatches& kept) { kept.frames.back() = 3; },
      [](HeldOutPatches& kept) { std::swap(kept.frames.front(), kept.frames.back()); },
      [](HeldOutPatches& kept) { kept.patches = {}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    HeldOutPatches kept = good.kept;
    changes[i](kept);
    EXPECT_ERROR(check_held_out(kept, columns, 3, {}), invalid_argument, "held-out frames");
  }
  EXPECT_ERROR(check_held_out(good.kept, columns + 1, 3, {}), invalid_argument, "do not match");
  ScoringOptions two;
  two.neighbours = 2;
  EXPECT_ERROR(check_held_out(good.kept, columns, 3, two), invalid_argument, "do not match");
  HeldOut of_two(3, two);
  EXPECT_NO_THROW(check_held_out(of_two.kept, columns, 3, two));
  std::swap(of_two.kept.distances[0], of_two.kept.distances[1]);
  EXPECT_ERROR(check_held_out(of_two.kept, columns, 3, two), invalid_argument, "ascending");
}

}  // namespace patchcore
