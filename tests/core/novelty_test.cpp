// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what operators go by: known things are not novel, new ones are, and the coverage tells
// how many of the last frames showed nothing new.
#include "core/novelty.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/coreset.h"
#include "core/threads.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr std::size_t columns = 40;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Patches around a few centres.
PatchMatrix frame_around(std::uint64_t centres, std::uint64_t number, std::size_t rows = 200) {
  const PatchMatrix middle = test::random_patches(8, columns, centres);
  PatchMatrix patches = test::random_patches(rows, columns, 1000 + number);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      patches.row(i)[j] = 3 * middle.row(i % 8)[j] + 0.5F * patches.row(i)[j];
    }
  }
  return patches;
}

void see(Novelty& novelty, std::uint64_t centres, int frames) {
  for (int number = 0; number < frames; ++number) {
    novelty.measure(frame_around(centres, static_cast<std::uint64_t>(number)));
    novelty.learn_measured();
  }
}

}  // namespace

TEST(Novelty, OfTheFirstFrameIsInfinite) {
  Novelty novelty(0);
  EXPECT_EQ(novelty.coverage(), 0);
  EXPECT_EQ(novelty.measure(frame_around(1, 0)), infinity);
  EXPECT_EQ(novelty.coverage(), 0);
}

TEST(Novelty, OfAFrameThatWasLearnedIsNearlyZero) {
  Novelty novelty(0);
  novelty.learn(frame_around(1, 0));
  for (int i = 0; i < 5; ++i) EXPECT_LT(novelty.measure(frame_around(1, 0)), 0.01);
  EXPECT_EQ(novelty.coverage(), 1);
}

TEST(Novelty, FallsBelowTheMarkForWhatWasSeenAndIsHighForWhatWasNot) {
  use_threads(0);
  Novelty novelty(0);
  see(novelty, 1, 200);
  EXPECT_LE(novelty.summary_rows(), Novelty::summary_size);
  EXPECT_GT(novelty.resolution(), 0);
  EXPECT_GT(novelty.coverage(), 0.95);
  for (std::uint64_t number = 500; number < 510; ++number) {
    EXPECT_LT(novelty.measure(frame_around(1, number)), Novelty::covered_novelty);
  }
  // One new patch in a row of four is enough.
  PatchMatrix odd = frame_around(1, 600);
  const PatchMatrix other = frame_around(2, 0);
  std::copy(other.row(0), other.row(4), odd.row(100));
  EXPECT_GT(novelty.measure(odd), 1.5);
}

TEST(Novelty, DoesNotDependOnTheUnit) {
  Novelty novelty(0);
  Novelty scaled(0);
  for (std::uint64_t number = 0; number < 40; ++number) {
    PatchMatrix patches = frame_around(1, number);
    const double expected = novelty.measure(patches);
    novelty.learn_measured();
    for (float& value : patches.values) value *= 8;
    EXPECT_DOUBLE_EQ(scaled.measure(patches), expected);
    scaled.learn_measured();
  }
}

TEST(Novelty, KeepsEveryLearnedPatchWithinTwiceItsResolution) {
  Novelty novelty(0);
  for (std::uint64_t scene = 1; scene <= 20; ++scene) see(novelty, scene, 10);
  EXPECT_LE(novelty.summary_rows(), Novelty::summary_size);
  for (std::uint64_t scene = 1; scene <= 20; ++scene) {
    for (std::uint64_t number = 0; number < 10; ++number) {
      EXPECT_LE(novelty.measure(frame_around(scene, number)), 2);
    }
  }
}

TEST(Novelty, CoverageLooksBackOnTheLastFrames) {
  Novelty novelty(0);
  const PatchMatrix known = frame_around(1, 0);
  const PatchMatrix unknown = frame_around(2, 0);
  novelty.learn(known);
  novelty.measure(known);
  novelty.measure(unknown);
  EXPECT_DOUBLE_EQ(novelty.coverage(), 0.5);
  for (int i = 0; i < 48; ++i) novelty.measure(known);
  EXPECT_DOUBLE_EQ(novelty.coverage(), 49.0 / 50);
  for (int i = 0; i < 50; ++i) novelty.measure(unknown);
  EXPECT_NEAR(novelty.coverage(), 0.98 * std::pow(1 - 1.0 / 50, 50), 1e-9);
}

TEST(Novelty, TakesFramesOfFewPatchesAndFramesWithoutNoise) {
  Novelty novelty(0);
  const PatchMatrix one = test::random_patches(1, columns, 1);
  const PatchMatrix other = test::random_patches(2, columns, 2);
  EXPECT_EQ(novelty.measure(one), infinity);
  novelty.learn_measured();
  EXPECT_LT(novelty.measure(one), 0.01);
  EXPECT_GT(novelty.measure(other), 100);
  for (int i = 0; i < 2000; ++i) {
    novelty.measure(one);
    novelty.learn_measured();
  }
  EXPECT_EQ(novelty.summary_rows(), 1U);
}

TEST(Novelty, LearnsASmallBankByTheSpacingOfItsPatches) {
  // Of frames of many patches a coreset of a few.
  PatchMatrix frames{0, columns, {}};
  for (std::uint64_t number = 0; number < 20; ++number) {
    const PatchMatrix frame = frame_around(1, number);
    frames.values.insert(frames.values.end(), frame.values.begin(), frame.values.end());
    frames.rows += frame.rows;
  }
  PatchMatrix bank{0, columns, {}};
  for (const std::int64_t row : select_coreset(frames, 200, {}, {})) {
    const float* patch = frames.row(static_cast<std::size_t>(row));
    bank.values.insert(bank.values.end(), patch, patch + columns);
    ++bank.rows;
  }
  Novelty novelty(0);
  novelty.learn(bank);
  EXPECT_LE(novelty.summary_rows(), bank.rows);
  for (std::uint64_t number = 30; number < 40; ++number) {
    EXPECT_LT(novelty.measure(frame_around(1, number)), Novelty::covered_novelty);
    EXPECT_GT(novelty.measure(frame_around(2, number)), 1.5);
  }
}

TEST(Novelty, LearnsABankOfOnePatch) {
  Novelty novelty(0);
  const PatchMatrix one = test::random_patches(1, columns, 1);
  novelty.learn(one);
  EXPECT_LT(novelty.measure(one), 0.01);
  EXPECT_GT(novelty.measure(test::random_patches(1, columns, 2)), 100);
}

TEST(Novelty, IsTheSameEveryTime) {
  std::vector<double> first;
  for (int run = 0; run < 2; ++run) {
    use_threads(run + 1);
    Novelty novelty(7);
    for (std::uint64_t number = 0; number < 40; ++number) {
      const double value = novelty.measure(frame_around(1 + number / 20, number));
      novelty.learn_measured();
      if (run == 0) {
        first.push_back(value);
      } else {
        EXPECT_EQ(value, first[number]);
      }
    }
  }
  use_threads(0);
}

TEST(Novelty, LearnsALargeBank) {
  Novelty novelty(0);
  novelty.learn(frame_around(1, 0, 10000));
  EXPECT_LE(novelty.summary_rows(), Novelty::summary_size);
  EXPECT_LT(novelty.measure(frame_around(1, 7)), Novelty::covered_novelty);
  EXPECT_GT(novelty.measure(frame_around(2, 7)), Novelty::covered_novelty);
}

}  // namespace patchcore
