// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects collecting in bounded memory: the limit holds for any number of frames, nothing is lost
// below it, and what is kept beyond it covers all that came.
#include "core/patch_collection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/anchor_distances.h"
#include "core/bank_building.h"
#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr PatchGrid grid = {4, 5};
constexpr std::size_t columns = 8;

/// Patches around a few centres that drift from frame to frame.
PatchMatrix make_frame(int number) {
  const PatchMatrix centres = test::random_patches(6, columns, 3);
  PatchMatrix patches = test::random_patches(20, columns, 100 + static_cast<std::uint64_t>(number));
  for (std::size_t i = 0; i < patches.rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      patches.row(i)[j] = 4 * centres.row(i % 6)[j] + 0.5F * patches.row(i)[j] +
                          static_cast<float>(std::sin(0.002 * number));
    }
  }
  return patches;
}

CoresetOptions coreset() {
  CoresetOptions options;
  options.projection_dimension = 0;
  options.max_patches = 200;
  return options;
}

/// Bytes that hold about @p frames frames.
std::uint64_t limit_for(std::size_t frames) {
  return static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(frames * 20 * columns * sizeof(float)) / 0.9));
}

CoresetOptions projected_coreset() {
  CoresetOptions options = coreset();
  options.projection_dimension = 6;
  return options;
}

/// Bytes that hold the patches of about @p frames frames, packed, with their projections.
std::uint64_t projected_limit_for(std::size_t frames) {
  return static_cast<std::uint64_t>(std::ceil(
             static_cast<double>(frames * 20 *
                                 PatchRows::packed_row_bytes(columns, projected_coreset())) /
             0.9 / 0.75)) +
         1000;
}

double covering_radius(const PatchMatrix& all, const PatchMatrix& bank) {
  const std::vector<float> distances = nearest_distances(all, bank);
  return *std::max_element(distances.begin(), distances.end());
}

void ignore_progress(BuildingStep, double) {}

}  // namespace

TEST(PatchCollection, LosesNothingBelowTheLimit) {
  CollectedPatches all;
  PatchCollection collection(coreset(), limit_for(200));
  for (int number = 0; number < 100; ++number) {
    const PatchMatrix frame = make_frame(number);
    collection.add(frame, grid);
    all.patches.append(frame);
    all.layouts.push_back(grid);
  }
  EXPECT_FALSE(collection.thinned());
  const TrainingPatches expected = split_held_out(all);
  const TrainingPatches taken = collection.take();
  EXPECT_EQ(taken.training.features().values, expected.training.features().values);
  EXPECT_EQ(taken.held_out.patches.features().values, expected.held_out.patches.features().values);
  EXPECT_EQ(taken.held_out.layouts.size(), 20U);
  EXPECT_EQ(taken.patches, 2000);
  EXPECT_EQ(taken.training_share, 1600);
  EXPECT_FALSE(taken.thinned);
}

TEST(PatchCollection, StaysBelowTheLimitForAnyNumberOfFrames) {
  use_threads(0);
  for (const std::size_t frames_that_fit : {30U, 100U}) {
    PatchCollection collection(coreset(), limit_for(frames_that_fit));
    std::size_t largest = 0;
    for (int number = 0; number < 2500; ++number) {
      collection.add(make_frame(number), grid);
      largest = std::max(largest, collection.bytes());
    }
    EXPECT_LE(largest, limit_for(frames_that_fit));
    EXPECT_TRUE(collection.thinned());
    const TrainingPatches taken = collection.take();
    EXPECT_TRUE(taken.thinned);
    EXPECT_EQ(taken.patches, 50000);
    // About a fifth of the frames are held out.
    EXPECT_NEAR(static_cast<double>(taken.training_share), 40000, 2500);
    // Whole frames, some of the last ones among them.
    EXPECT_EQ(taken.held_out.patches.rows(), 20 * taken.held_out.layouts.size());
    EXPECT_GE(taken.held_out.layouts.size(), 2U);
    EXPECT_EQ(collection.bytes(), 0U);
  }
}

TEST(PatchCollection, PacksBeforeItThinsAndMovesNoPick) {
  use_threads(0);
  for (const SamplerKind sampler : {SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    CoresetOptions options = projected_coreset();
    options.sampler = sampler;
    PatchCollection bounded(options, projected_limit_for(200));
    PatchCollection unbounded(options, projected_limit_for(10000));
    for (int number = 0; number < 200; ++number) {
      bounded.add(make_frame(number), grid);
      unbounded.add(make_frame(number), grid);
    }
    EXPECT_TRUE(bounded.packed());
    EXPECT_FALSE(bounded.thinned());
    EXPECT_LE(bounded.bytes(), projected_limit_for(200));
    EXPECT_FALSE(unbounded.packed());
    const BuiltBank packed =
        build_bank(bounded.take(), options, {}, IndexKind::automatic, ignore_progress);
    const BuiltBank whole =
        build_bank(unbounded.take(), options, {}, IndexKind::automatic, ignore_progress);
    ASSERT_EQ(packed.bank.values.size(), whole.bank.values.size());
    // Row by row the same patches, rounded.
    for (std::size_t i = 0; i < whole.bank.values.size(); ++i) {
      EXPECT_NEAR(packed.bank.values[i], whole.bank.values[i],
                  std::ldexp(std::abs(whole.bank.values[i]), -11) + 1e-7);
    }
    EXPECT_NEAR(packed.calibration.threshold / whole.calibration.threshold, 1, 0.002);
  }
}

TEST(PatchCollection, PackedItStaysBelowTheLimitForAnyNumberOfFrames) {
  use_threads(0);
  PatchCollection collection(projected_coreset(), projected_limit_for(60));
  PatchMatrix all{0, columns, {}};
  std::size_t largest = 0;
  for (int number = 0; number < 1500; ++number) {
    const PatchMatrix frame = make_frame(number);
    collection.add(frame, grid);
    largest = std::max(largest, collection.bytes());
    all.rows += frame.rows;
    all.values.insert(all.values.end(), frame.values.begin(), frame.values.end());
  }
  EXPECT_LE(largest, projected_limit_for(60));
  EXPECT_TRUE(collection.packed());
  EXPECT_TRUE(collection.thinned());
  const TrainingPatches taken = collection.take();
  EXPECT_EQ(taken.held_out.patches.rows(), 20 * taken.held_out.layouts.size());
  EXPECT_TRUE(taken.held_out.patches.packed());
}

TEST(PatchCollection, DoesNotPackWhatWouldMovePicks) {
  PatchCollection unprojected(coreset(), limit_for(40));
  CoresetOptions at_random = projected_coreset();
  at_random.sampler = SamplerKind::random;
  PatchCollection drawn(at_random, limit_for(40));
  for (int number = 0; number < 200; ++number) {
    unprojected.add(make_frame(number), grid);
    drawn.add(make_frame(number), grid);
  }
  EXPECT_FALSE(unprojected.packed());
  EXPECT_FALSE(drawn.packed());
}

TEST(PatchCollection, CoversWhatItThinnedAway) {
  use_threads(0);
  PatchCollection bounded(coreset(), limit_for(60));
  PatchCollection unbounded(coreset(), limit_for(10000));
  PatchMatrix all{0, columns, {}};
  for (int number = 0; number < 1500; ++number) {
    const PatchMatrix frame = make_frame(number);
    bounded.add(frame, grid);
    unbounded.add(frame, grid);
    all.rows += frame.rows;
    all.values.insert(all.values.end(), frame.values.begin(), frame.values.end());
  }
  EXPECT_FALSE(unbounded.thinned());
  const BuiltBank thinned =
      build_bank(bounded.take(), coreset(), {}, IndexKind::automatic, ignore_progress);
  const BuiltBank whole =
      build_bank(unbounded.take(), coreset(), {}, IndexKind::automatic, ignore_progress);
  EXPECT_EQ(thinned.bank.rows, whole.bank.rows);
  const double ratio = covering_radius(all, thinned.bank) / covering_radius(all, whole.bank);
  RecordProperty("covering_radius_ratio", std::to_string(ratio));
  EXPECT_LE(ratio, 1.25);
  // Higher, for it is computed from fewer held-out frames and a thinner bank.
  EXPECT_NEAR(thinned.calibration.threshold / whole.calibration.threshold, 1.15, 0.2);
}

TEST(PatchCollection, IsRepeatable) {
  std::vector<float> results[2];
  for (auto& result : results) {
    PatchCollection collection(coreset(), limit_for(40));
    for (int number = 0; number < 300; ++number) collection.add(make_frame(number), grid);
    result = collection.take().training.features().values;
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(PatchCollection, ThinsWithTheSamplersOwnRule) {
  for (const SamplerKind sampler :
       {SamplerKind::random, SamplerKind::greedy, SamplerKind::approximate_greedy}) {
    CoresetOptions options = coreset();
    options.sampler = sampler;
    PatchCollection collection(options, limit_for(40));
    for (int number = 0; number < 200; ++number) collection.add(make_frame(number), grid);
    EXPECT_TRUE(collection.thinned());
  }
}

TEST(PatchCollection, DoesNotThinWhatIdentityKeeps) {
  CoresetOptions options = coreset();
  options.sampler = SamplerKind::identity;
  PatchCollection collection(options, limit_for(40));
  const auto add_many = [&] {
    for (int number = 0; number < 200; ++number) collection.add(make_frame(number), grid);
  };
  EXPECT_ERROR(add_many(), invalid_argument, "another sampler");
}

TEST(PatchCollection, NamesTheLimitThatAFrameNeeds) {
  PatchCollection collection(coreset(), 1000);
  EXPECT_ERROR(collection.add(make_frame(0), grid), invalid_argument, "memory limit of 1000 bytes");
}

TEST(PatchCollection, NamesALimitThatIsEnough) {
  for (const std::size_t rows_to_come : {0U, 5000U}) {
    std::string message;
    try {
      PatchCollection(coreset(), 1000, rows_to_come).add(make_frame(0), grid);
    } catch (const Error& error) {
      message = error.what();
    }
    const std::size_t number = message.find("set it to ");
    ASSERT_NE(number, std::string::npos) << message;
    const std::uint64_t enough = std::stoull(message.substr(number + 10));
    PatchCollection collection(coreset(), enough, rows_to_come);
    EXPECT_NO_THROW(collection.add(make_frame(0), grid));
    PatchCollection too_small(coreset(), enough / 10 * 9, rows_to_come);
    EXPECT_ERROR(too_small.add(make_frame(0), grid), invalid_argument, "too small");
  }
}

TEST(PatchCollection, LeavesRoomForRowsToCome) {
  const PatchMatrix bank = test::random_patches(600, columns, 7);
  for (const bool packed : {false, true}) {
    SCOPED_TRACE(packed);
    const std::uint64_t limit = packed ? projected_limit_for(100) : limit_for(100);
    PatchCollection collection(packed ? projected_coreset() : coreset(), limit, bank.rows);
    std::size_t largest = 0;
    for (int number = 0; number < 300; ++number) {
      collection.add(make_frame(number), grid);
      largest = std::max(largest, collection.bytes());
    }
    EXPECT_EQ(collection.packed(), packed);
    const std::size_t row_bytes = packed ? PatchRows::packed_row_bytes(columns, projected_coreset())
                                         : columns * sizeof(float);
    EXPECT_LE(largest + bank.rows * row_bytes, limit);
    TrainingPatches taken = collection.take();
    const std::size_t reserved = taken.training.reserved_rows();
    EXPECT_GE(reserved, taken.training.rows() + bank.rows);
    taken.training.append(bank);
    EXPECT_EQ(taken.training.reserved_rows(), reserved);
  }
}

TEST(PatchCollection, CanBeStoppedWhileItThins) {
  PatchCollection collection(coreset(), limit_for(40));
  const auto add_many = [&] {
    for (int number = 0; number < 200; ++number) {
      collection.add(make_frame(number), grid,
                     [](double) { throw Error(ErrorCode::cancelled, "enough"); });
    }
  };
  EXPECT_ERROR(add_many(), cancelled, "enough");
}

}  // namespace patchcore
