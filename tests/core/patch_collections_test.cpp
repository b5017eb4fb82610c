// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the collecting for several members: bounded memory together, and the same frames held
// out by all, so that these have a score by every member.
#include "core/patch_collections.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

CoresetOptions greedy() {
  CoresetOptions options;
  options.max_patches = 100;
  options.projection_dimension = 0;
  return options;
}

/// Of a fine grid and short features, and of a coarse one and long features.
std::vector<PatchMatrix> frame(int number) {
  return {test::random_patches(64, 8, static_cast<unsigned>(number)),
          test::random_patches(16, 24, static_cast<unsigned>(number))};
}

}  // namespace

TEST(PatchCollections, OfOneIsAPatchCollection) {
  const std::uint64_t limit = 100000;
  PatchCollection expected(greedy(), limit);
  PatchCollections collections(1, greedy(), limit);
  for (int number = 0; number < 100; ++number) {
    const PatchMatrix patches = frame(number).front();
    expected.add(patches, PatchGrid{1, 64});
    collections.add({patches});
    ASSERT_EQ(collections.bytes(), expected.bytes());
  }
  ASSERT_TRUE(expected.thinned());
  const TrainingPatches truth = expected.take();
  const TrainingPatches found = collections.take(0);
  EXPECT_EQ(found.training.features().values, truth.training.features().values);
  EXPECT_EQ(found.held_out.frames, truth.held_out.frames);
  EXPECT_EQ(collections.take(0).training.rows(), 0U);
}

TEST(PatchCollections, LosesNothingWithinTheLimit) {
  PatchCollections collections(2, greedy(), 0);
  for (int number = 0; number < 50; ++number) collections.add(frame(number));
  const TrainingPatches first = collections.take(0);
  const TrainingPatches second = collections.take(1);
  EXPECT_FALSE(first.thinned);
  EXPECT_EQ(first.patches, 50 * 64);
  EXPECT_EQ(second.patches, 50 * 16);
  EXPECT_EQ(first.held_out.frames.size(), 10U);
  EXPECT_EQ(first.held_out.frames, second.held_out.frames);
  // These are the frames that they say.
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(first.held_out.patches.features(64 * i, 64).values,
              frame(static_cast<int>(first.held_out.frames[i]))[0].values);
    EXPECT_EQ(second.held_out.patches.features(16 * i, 16).values,
              frame(static_cast<int>(second.held_out.frames[i]))[1].values);
  }
}

TEST(PatchCollections, ThinsAllTogetherWithinTheSumOfTheirMemory) {
  // Limits at which sometimes the one and sometimes the other is full first.
  for (const std::uint64_t limit : {120000U, 121000U, 123500U, 150000U}) {
    SCOPED_TRACE(limit);
    PatchCollections collections(2, greedy(), limit);
    for (int number = 0; number < 300; ++number) {
      collections.add(frame(number));
      ASSERT_LE(collections.bytes(), limit);
    }
    const TrainingPatches first = collections.take(0);
    const TrainingPatches second = collections.take(1);
    EXPECT_TRUE(first.thinned);
    EXPECT_TRUE(second.thinned);
    EXPECT_EQ(first.training_share * 16, second.training_share * 64);
    EXPECT_EQ(first.held_out.frames.size(), first.held_out.layouts.size());
    std::vector<std::int64_t> both;
    std::set_intersection(first.held_out.frames.begin(), first.held_out.frames.end(),
                          second.held_out.frames.begin(), second.held_out.frames.end(),
                          std::back_inserter(both));
    EXPECT_GE(both.size(), 4U);
    EXPECT_GE(2 * both.size(),
              std::min(first.held_out.frames.size(), second.held_out.frames.size()));
    for (std::size_t i = 0; i < second.held_out.frames.size(); ++i) {
      EXPECT_EQ(second.held_out.patches.features(16 * i, 16).values,
                frame(static_cast<int>(second.held_out.frames[i]))[1].values);
    }
  }
}

TEST(PatchCollections, SaysHowMuchMemoryItNeeds) {
  PatchCollections too_small(2, greedy(), 1000);
  std::string message;
  try {
    too_small.add(frame(0));
  } catch (const Error& error) {
    message = error.what();
  }
  const std::size_t position = message.find("set it to ");
  ASSERT_NE(position, std::string::npos) << message;
  const std::uint64_t least = std::stoull(message.substr(position + 10));
  PatchCollections enough(2, greedy(), least);
  for (int number = 0; number < 60; ++number) enough.add(frame(number));
  EXPECT_LE(enough.bytes(), least);
  PatchCollections less(2, greedy(), least - 1);
  EXPECT_ERROR(less.add(frame(0)), invalid_argument, "an ensemble of 2");
}

TEST(PatchCollections, KeepsAllOrRefuses) {
  CoresetOptions all = greedy();
  all.sampler = SamplerKind::identity;
  PatchCollections collections(2, all, 120000);
  EXPECT_ERROR(
      {
        for (int number = 0; number < 100; ++number) collections.add(frame(number));
      },
      invalid_argument, "identity keeps them all");
}

}  // namespace patchcore
