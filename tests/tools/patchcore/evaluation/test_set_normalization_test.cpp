// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the published normalization of ensembles: the formula, computed again here.
#include "tools/patchcore/evaluation/test_set_normalization.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/scoring.h"

namespace patchcore {
namespace {

using Members = std::vector<MemberScore>;

constexpr Size full_size = {24, 16};

/// Two members on other grids and of other scales.
std::vector<Members> pictures() {
  std::vector<Members> all;
  for (int number = 0; number < 5; ++number) {
    ScoreMap fine = {4, 6, std::vector<float>(24)};
    ScoreMap coarse = {2, 3, std::vector<float>(6)};
    for (int i = 0; i < 24; ++i) fine.values[i] = static_cast<float>((7 * i + 5 * number) % 11);
    for (int i = 0; i < 6; ++i) coarse.values[i] = 100.0F + static_cast<float>(number * i);
    all.push_back({{3.0 * number + 1, fine}, {500.0 - 20 * number * number, coarse}});
  }
  return all;
}

double normalized(double value, double smallest, double largest) {
  return (value - smallest) / (largest - smallest);
}

}  // namespace

TEST(TestSetNormalization, IsTheMeanOfMembersFromSmallestToLargest) {
  TestSetNormalization normalization;
  for (const Members& picture : pictures()) normalization.add(picture, full_size);
  double smallest[2] = {1e9, 1e9};
  double largest[2] = {-1e9, -1e9};
  for (const Members& picture : pictures()) {
    for (int i = 0; i < 2; ++i) {
      for (const float value : full_anomaly_map(picture[i].map, full_size).values) {
        smallest[i] = std::min<double>(smallest[i], value);
        largest[i] = std::max<double>(largest[i], value);
      }
    }
  }
  for (const Members& picture : pictures()) {
    EXPECT_NEAR(normalization.score(picture),
                (normalized(picture[0].score, 1, 13) + normalized(picture[1].score, 180, 500)) / 2,
                1e-12);
    const ScoreMap map = normalization.map(picture, full_size);
    ASSERT_EQ(map.width, 24);
    ASSERT_EQ(map.height, 16);
    const ScoreMap fine = full_anomaly_map(picture[0].map, full_size);
    const ScoreMap coarse = full_anomaly_map(picture[1].map, full_size);
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      EXPECT_NEAR(map.values[i],
                  (normalized(fine.values[i], smallest[0], largest[0]) +
                   normalized(coarse.values[i], smallest[1], largest[1])) /
                      2,
                  1e-6);
    }
  }
  // Where every member has its own threshold, also beyond what was seen.
  EXPECT_NEAR(normalization.score(std::vector<double>{25, 340}), (2.0 + 0.5) / 2, 1e-12);
}

TEST(TestSetNormalization, KeepsTheOrderOfASingleBank) {
  TestSetNormalization normalization;
  std::vector<Members> singles;
  for (Members& picture : pictures()) singles.push_back({picture[1]});
  for (const Members& picture : singles) normalization.add(picture, full_size);
  EXPECT_EQ(normalization.score(singles[0]), 1);
  EXPECT_EQ(normalization.score(singles[4]), 0);
  EXPECT_GT(normalization.score(singles[1]), normalization.score(singles[2]));
}

// One picture, or all alike, have no range.
TEST(TestSetNormalization, IsZeroWhereAllAreTheSame) {
  TestSetNormalization normalization;
  const Members picture = {{4, {2, 2, {1, 1, 1, 1}}}};
  normalization.add(picture, full_size);
  normalization.add(picture, full_size);
  EXPECT_EQ(normalization.score(picture), 0);
  for (const float value : normalization.map(picture, full_size).values)
    EXPECT_NEAR(value, 0, 1e-6);
}

}  // namespace patchcore
