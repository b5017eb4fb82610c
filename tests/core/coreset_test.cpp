// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the choice of patches by every sampler: sizes, repeatability, distinct rows, and that
// an existing coreset is extended where it has gaps.
#include "core/coreset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/threads.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

namespace {

using Picks = std::vector<std::int64_t>;

CoresetOptions options_for(SamplerKind sampler) {
  CoresetOptions options;
  options.sampler = sampler;
  options.projection_dimension = 0;
  return options;
}

}  // namespace

TEST(CoresetSize, IsTheRatioRoundedDownWithinItsLimits) {
  CoresetOptions options;
  EXPECT_EQ(coreset_size(options, 1009), 100);
  EXPECT_EQ(coreset_size(options, 5), 1);
  EXPECT_EQ(coreset_size(options, 0), 0);
  EXPECT_EQ(coreset_size(options, 1000000), 16384);
  options.max_patches = 0;
  EXPECT_EQ(coreset_size(options, 1000000), 100000);
  options.ratio = 1;
  EXPECT_EQ(coreset_size(options, 7), 7);
}

TEST(CoresetSize, OfTheIdentityIgnoresTheRatio) {
  CoresetOptions options;
  options.sampler = SamplerKind::identity;
  EXPECT_EQ(coreset_size(options, 100), 100);
  EXPECT_EQ(coreset_size(options, 100000), 16384);
  options.max_patches = 0;
  EXPECT_EQ(coreset_size(options, 100000), 100000);
}

TEST(Coreset, OfEverySamplerHasDistinctRowsAndIsRepeatable) {
  use_threads(0);
  const PatchMatrix patches = test::random_patches(500, 20, 1);
  for (const SamplerKind sampler : all_samplers) {
    for (const int dimension : {0, 8}) {
      CoresetOptions options = options_for(sampler);
      options.projection_dimension = dimension;
      for (const std::int64_t count : {0, 1, 50, 500}) {
        const Picks picks = select_coreset(patches, count, options);
        ASSERT_EQ(static_cast<std::int64_t>(picks.size()), count);
        EXPECT_EQ(
            static_cast<std::int64_t>(std::set<std::int64_t>(picks.begin(), picks.end()).size()),
            count);
        EXPECT_TRUE(std::all_of(picks.begin(), picks.end(),
                                [](std::int64_t row) { return row >= 0 && row < 500; }));
        EXPECT_EQ(picks, select_coreset(patches, count, options));
      }
    }
  }
}

TEST(Coreset, OfTheIdentityIsTheFirstRows) {
  const PatchMatrix patches = test::random_patches(5, 2, 1);
  EXPECT_EQ(select_coreset(patches, 3, options_for(SamplerKind::identity)), (Picks{0, 1, 2}));
}

TEST(Coreset, AtRandomFollowsTheSeed) {
  const PatchMatrix patches = test::random_patches(500, 2, 1);
  CoresetOptions options = options_for(SamplerKind::random);
  const Picks picks = select_coreset(patches, 20, options);
  options.seed = 1;
  EXPECT_NE(picks, select_coreset(patches, 20, options));
}

TEST(Coreset, GreedyStartsWithTheFarthestOut) {
  const PatchMatrix patches = test::patches_of({{0}, {1}, {2}, {100}, {50}});
  EXPECT_EQ(select_coreset(patches, 3, options_for(SamplerKind::greedy)), (Picks{3, 0, 4}));
}

TEST(Coreset, ApproximateGreedyWorksWithFewerPatchesThanStartingPoints) {
  const PatchMatrix patches = test::patches_of({{0}, {1}, {100}});
  EXPECT_EQ(select_coreset(patches, 2, options_for(SamplerKind::approximate_greedy)),
            (Picks{2, 0}));
}

TEST(Coreset, ExtendsWhereItHasGaps) {
  const PatchMatrix chosen = test::patches_of({{0, 0}, {10, 0}});
  const PatchMatrix candidates = test::patches_of({{0, 0}, {10, 1}, {0, 20}, {0, 19}, {5, 0}});
  EXPECT_EQ(extend_coreset(chosen, candidates, 3, options_for(SamplerKind::greedy)),
            (Picks{2, 4, 1}));
  EXPECT_EQ(extend_coreset(chosen, candidates, 2, options_for(SamplerKind::identity)),
            (Picks{0, 1}));
}

TEST(Coreset, ExtendsInTheSameProjection) {
  // The candidates that the coreset has already must come last, whatever the projection.
  const PatchMatrix chosen = test::random_patches(30, 40, 1);
  PatchMatrix candidates = test::random_patches(60, 40, 2);
  std::copy(chosen.values.begin(), chosen.values.end(), candidates.values.begin());
  CoresetOptions options = options_for(SamplerKind::approximate_greedy);
  options.projection_dimension = 16;
  const Picks picks = extend_coreset(chosen, candidates, 30, options);
  EXPECT_TRUE(std::all_of(picks.begin(), picks.end(), [](std::int64_t row) { return row >= 30; }));
}

TEST(Coreset, ExtendsNothingLikeANewOne) {
  const PatchMatrix candidates = test::random_patches(60, 4, 2);
  const CoresetOptions options = options_for(SamplerKind::greedy);
  EXPECT_EQ(extend_coreset({}, candidates, 10, options), select_coreset(candidates, 10, options));
}

TEST(Coreset, RefusesImpossibleCountsAndShapes) {
  const PatchMatrix patches = test::random_patches(5, 2, 1);
  const PatchMatrix other = test::random_patches(5, 3, 1);
  PatchMatrix torn = patches;
  torn.values.pop_back();
  for (const SamplerKind sampler : all_samplers) {
    const CoresetOptions options = options_for(sampler);
    EXPECT_THROW(select_coreset(patches, 6, options), Error);
    EXPECT_THROW(select_coreset(patches, -1, options), Error);
    EXPECT_THROW(select_coreset(torn, 1, options), Error);
    EXPECT_THROW(extend_coreset(patches, patches, 6, options), Error);
  }
  EXPECT_THROW(extend_coreset(patches, other, 1, options_for(SamplerKind::greedy)), Error);
}

TEST(Coreset, RefusesFeaturesThatAreNotFinite) {
  PatchMatrix patches = test::random_patches(5, 2, 1);
  patches.values[3] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(select_coreset(patches, 2, options_for(SamplerKind::greedy)), Error);
  EXPECT_THROW(select_coreset(patches, 2, options_for(SamplerKind::approximate_greedy)), Error);
}

TEST(Coreset, StopsWhenTold) {
  const PatchMatrix patches = test::random_patches(50, 2, 1);
  const ShareDone stop = [](double) { throw Error(ErrorCode::cancelled, "stopped"); };
  try {
    select_coreset(patches, 10, options_for(SamplerKind::greedy), stop);
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

}  // namespace patchcore
