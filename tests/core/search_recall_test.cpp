// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the measure of approximate search: what counts as found, and how errors add up.
#include "core/search_recall.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

/// Two queries with two neighbours each.
Neighbours neighbours(const std::vector<float>& distances) {
  return {2, 2, distances, {0, 1, 2, 3}};
}

}  // namespace

TEST(SearchRecall, IsTheShareOfTheNearestThatAreFound) {
  RecallMeasurement measurement;
  const Neighbours exact = neighbours({1, 2, 3, 4});
  // The first query's second neighbour is too far, both of the second one's are.
  measurement.add({neighbours({1, 2.5F, 4.5F, 5}), 1, exact, 1});
  EXPECT_EQ(measurement.result().neighbours, 0.25);
  measurement.add({exact, 1, exact, 1});
  EXPECT_EQ(measurement.result().neighbours, 0.625);
  EXPECT_EQ(measurement.frames(), 2U);
}

// Of several patches at one distance any may be taken.
TEST(SearchRecall, TakesAnyOfTheSameDistance) {
  RecallMeasurement measurement;
  measurement.add({neighbours({2, 2, 3, 3}), 1, neighbours({1, 2, 3, 3}), 1});
  EXPECT_EQ(measurement.result().neighbours, 1);
}

TEST(SearchRecall, TellsTheErrorOfTheScores) {
  RecallMeasurement measurement;
  const Neighbours same = neighbours({0, 0, 0, 0});
  measurement.add({same, 2, same, 2});
  measurement.add({same, 4, same, 3});
  measurement.add({same, 0, same, 0});
  // Scores of the paper's kind can be smaller, too.
  measurement.add({same, 1, same, 2});
  EXPECT_DOUBLE_EQ(measurement.result().mean_score_error, 0.75 / 4);
  EXPECT_DOUBLE_EQ(measurement.result().largest_score_error, 0.5);
}

TEST(SearchRecall, IsAtMostOneWhereTheExactScoreIsZero) {
  RecallMeasurement measurement;
  const Neighbours same = neighbours({0, 0, 0, 0});
  measurement.add({same, 3, same, 0});
  EXPECT_EQ(measurement.result().largest_score_error, 1);
}

TEST(SearchRecall, NeedsResultsOfOneShape) {
  RecallMeasurement measurement;
  const Neighbours two = neighbours({0, 0, 0, 0});
  const Neighbours one = {4, 1, {0, 0, 0, 0}, {0, 1, 2, 3}};
  EXPECT_ERROR(measurement.add({one, 1, two, 1}), invalid_argument, "4 x 1");
  EXPECT_ERROR(measurement.add({{}, 1, {}, 1}), invalid_argument, "0 x 0");
  EXPECT_ERROR(measurement.result(), invalid_argument, "at least one frame");
}

TEST(SearchRecall, OfTwoTheWorseCountsInEachRespect) {
  const std::optional<SearchRecall> none;
  EXPECT_FALSE(worse_recall(none, none));
  EXPECT_EQ(worse_recall(SearchRecall{0.9, 0.1, 0.2}, none)->neighbours, 0.9);
  EXPECT_EQ(worse_recall(none, SearchRecall{0.9, 0.1, 0.2})->mean_score_error, 0.1);
  const auto both = worse_recall(SearchRecall{0.9, 0.1, 0.2}, SearchRecall{0.8, 0.05, 0.3});
  EXPECT_EQ(both->neighbours, 0.8);
  EXPECT_EQ(both->mean_score_error, 0.1);
  EXPECT_EQ(both->largest_score_error, 0.3);
}

}  // namespace patchcore
