// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the figures over scores. Values marked as scikit-learn's are of its 1.2.1, by
// tests/tools/patchcore/evaluation/reference_values.py.
#include "tools/patchcore/evaluation/ranking_curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace patchcore {
namespace {

/// As reference_values.py makes them: score i is (i * i * 7919) % 97 / 10, so that many are equal,
/// and of those that are anomalous half are shifted up.
std::vector<LabelledScore> example_scores() {
  std::vector<LabelledScore> scores;
  for (std::int64_t i = 0; i < 200; ++i) {
    const bool anomalous = i % 3 == 0;
    const std::int64_t shift = anomalous && i % 2 == 0 ? 40 : 0;
    scores.push_back({static_cast<double>(i * i * 7919 % 97 + shift) / 10, anomalous});
  }
  return scores;
}

/// The share of pairs that are in order.
double auroc_of_pairs(const std::vector<LabelledScore>& scores) {
  double ordered = 0;
  double pairs = 0;
  for (const LabelledScore& a : scores) {
    for (const LabelledScore& b : scores) {
      if (!a.anomalous || b.anomalous) continue;
      ++pairs;
      ordered += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0;
    }
  }
  return ordered / pairs;
}

}  // namespace

TEST(RankingFigures, AreThoseOfScikitLearn) {
  const auto figures = ranking_figures(example_scores());
  ASSERT_TRUE(figures);
  EXPECT_NEAR(figures->auroc, 0.6855571765233981, 1e-9);
  EXPECT_NEAR(figures->average_precision, 0.567435571980776, 1e-9);
  EXPECT_NEAR(figures->best_f1, 0.5728643216080402, 1e-9);
  EXPECT_NEAR(figures->best_f1_threshold, 4, 1e-9);
  EXPECT_NEAR(f1_at(example_scores(), 6).value(), 0.5121951219512195, 1e-9);
}

TEST(RankingFigures, AurocIsTheShareOfPairsInOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<LabelledScore> scores = {{3, true}, {3, false}};
    for (int i = 0; i < 50; ++i) {
      scores.push_back({static_cast<double>(random() % 12), random() % 3 == 0});
    }
    EXPECT_NEAR(ranking_figures(scores)->auroc, auroc_of_pairs(scores), 1e-12);
  }
}

TEST(RankingFigures, OfPerfectOrderAreOne) {
  const auto figures = ranking_figures({{1, false}, {5, true}, {2, false}, {4, true}});
  EXPECT_DOUBLE_EQ(figures->auroc, 1);
  EXPECT_DOUBLE_EQ(figures->average_precision, 1);
  EXPECT_DOUBLE_EQ(figures->best_f1, 1);
  EXPECT_DOUBLE_EQ(figures->best_f1_threshold, 4);
}

TEST(RankingFigures, OfEqualScoresAreThoseOfChance) {
  const auto figures = ranking_figures({{1, false}, {1, true}, {1, false}, {1, false}});
  EXPECT_DOUBLE_EQ(figures->auroc, 0.5);
  EXPECT_DOUBLE_EQ(figures->average_precision, 0.25);
  EXPECT_DOUBLE_EQ(figures->best_f1, 0.4);
}

TEST(RankingFigures, DoNotExistForOneKindAlone) {
  for (const bool anomalous : {false, true}) {
    const std::vector<LabelledScore> scores = {{1, anomalous}, {2, anomalous}};
    EXPECT_FALSE(ranking_figures(scores));
    EXPECT_FALSE(f1_at(scores, 1));
    EXPECT_TRUE(roc_curve(scores).empty());
  }
  EXPECT_FALSE(ranking_figures({}));
}

TEST(F1At, CountsTheThresholdAsAnomalous) {
  const std::vector<LabelledScore> scores = {{1, false}, {2, true}, {3, true}, {3, false}};
  EXPECT_DOUBLE_EQ(f1_at(scores, 2).value(), 2 * 2.0 / (3 + 2));
  EXPECT_DOUBLE_EQ(f1_at(scores, 2.5).value(), 2 * 1.0 / (2 + 2));
  EXPECT_DOUBLE_EQ(f1_at(scores, 4).value(), 0);
}

TEST(RocCurve, GoesFromCornerToCornerWithOnePointAScore) {
  const auto points = roc_curve({{3, true}, {2, false}, {2, true}, {1, false}});
  ASSERT_EQ(points.size(), 4U);
  const double expected[4][2] = {{0, 0}, {0, 0.5}, {0.5, 1}, {1, 1}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(points[i].false_positive_rate, expected[i][0]) << i;
    EXPECT_DOUBLE_EQ(points[i].true_positive_rate, expected[i][1]) << i;
  }
}

}  // namespace patchcore
