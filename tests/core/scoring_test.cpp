// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the meaning of scores: the published and the paper's definition, and the full map as
// bilinear interpolation and Gaussian filter define it.
#include "core/scoring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

namespace {

struct Bank {
  PatchMatrix patches;
  std::unique_ptr<NearestNeighbours> index;

  explicit Bank(PatchMatrix rows)
      : patches(std::move(rows)), index(make_nearest_neighbours_faiss(patches)) {}

  FrameScore score(ScoreMode mode, int neighbours, const PatchMatrix& queries, PatchGrid grid,
                   ImageScore image_score = ImageScore::max) const {
    Neighbours scratch;
    return Scoring({mode, neighbours, image_score}, patches, *index).score(queries, grid, scratch);
  }
};

double distance(const float* a, const float* b, std::size_t columns) {
  double sum = 0;
  for (std::size_t i = 0; i < columns; ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return std::sqrt(sum);
}

/// Distances from @p point to all of @p bank with their rows, nearest first.
std::vector<std::pair<double, std::size_t>> sorted_distances(const float* point,
                                                             const PatchMatrix& bank) {
  std::vector<std::pair<double, std::size_t>> distances;
  for (std::size_t i = 0; i < bank.rows; ++i) {
    distances.emplace_back(distance(point, bank.row(i), bank.columns), i);
  }
  std::sort(distances.begin(), distances.end());
  return distances;
}

/// Bilinear interpolation and Gaussian filter straight from their definitions.
std::vector<double> full_map_directly(const ScoreMap& map, Size size) {
  const auto place = [](int target, int target_size, int source_size) {
    return std::max(0.0, (target + 0.5) * source_size / target_size - 0.5);
  };
  const auto at = [](int x, int y, int width) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  };
  std::vector<double> resized;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double sy = place(y, size.height, map.height);
      const double sx = place(x, size.width, map.width);
      const int y0 = std::min(static_cast<int>(sy), map.height - 1);
      const int x0 = std::min(static_cast<int>(sx), map.width - 1);
      const int y1 = std::min(y0 + 1, map.height - 1);
      const int x1 = std::min(x0 + 1, map.width - 1);
      const double fy = sy - y0;
      const double fx = sx - x0;
      resized.push_back((1 - fy) * ((1 - fx) * map.values[at(x0, y0, map.width)] +
                                    fx * map.values[at(x1, y0, map.width)]) +
                        fy * ((1 - fx) * map.values[at(x0, y1, map.width)] +
                              fx * map.values[at(x1, y1, map.width)]));
    }
  }
  const double sigma = 4 * std::sqrt(static_cast<double>(size.width) * size.height) / 224;
  const int radius = static_cast<int>(4 * sigma + 0.5);
  const auto mirrored = [](int i, int n) {
    i = ((i % (2 * n)) + 2 * n) % (2 * n);
    return i < n ? i : 2 * n - 1 - i;
  };
  double total = 0;
  for (int d = -radius; d <= radius; ++d) total += std::exp(-0.5 * d * d / (sigma * sigma));
  std::vector<double> blurred;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      double sum = 0;
      for (int dy = -radius; dy <= radius; ++dy) {
        for (int dx = -radius; dx <= radius; ++dx) {
          const double weight = std::exp(-0.5 * (dx * dx + dy * dy) / (sigma * sigma));
          sum +=
              weight / (total * total) *
              resized[at(mirrored(x + dx, size.width), mirrored(y + dy, size.height), size.width)];
        }
      }
      blurred.push_back(sum);
    }
  }
  return blurred;
}

}  // namespace

TEST(Scoring, TopIsTheMeanOfTheHighestHundredth) {
  const Bank bank(test::patches_of({{0, 0}}));
  PatchMatrix queries{250, 2, std::vector<float>(500)};
  for (std::size_t i = 0; i < 250; ++i) queries.row(i)[0] = static_cast<float>((7 * i) % 250);
  const FrameScore found = bank.score(ScoreMode::published, 1, queries, {10, 25}, ImageScore::top);
  const double top = (249.0 * 249 + 248.0 * 248 + 247.0 * 247) / 3;  // of 250 patches three
  EXPECT_NEAR(found.score, top, 1e-6 * top);
  EXPECT_EQ(found.score, *std::max_element(found.map.values.begin(), found.map.values.end()));
  for (std::size_t i = 0; i < 250; ++i) {
    const double distance = queries.row(i)[0];
    EXPECT_NEAR(found.map.values[i], distance * distance * top / (249 * 249), 1e-6 * top) << i;
  }
}

TEST(Scoring, TopOfUpToAHundredPatchesIsTheirLargest) {
  const Bank bank(test::patches_of({{0, 0}, {6, 8}}));
  const PatchMatrix queries = test::patches_of({{0, 0}, {0, 1}, {3, 4}, {0, 12}});
  for (const ScoreMode mode : {ScoreMode::published, ScoreMode::paper}) {
    const FrameScore max = bank.score(mode, 2, queries, {2, 2}, ImageScore::max);
    const FrameScore top = bank.score(mode, 2, queries, {2, 2}, ImageScore::top);
    EXPECT_FLOAT_EQ(top.score, max.score);
    EXPECT_EQ(top.map.values, max.map.values);
  }
}

TEST(Scoring, TopOfNothingUnusualIsZero) {
  const Bank bank(test::patches_of({{1, 2}}));
  const FrameScore found = bank.score(ScoreMode::published, 1, test::patches_of({{1, 2}, {1, 2}}),
                                      {1, 2}, ImageScore::top);
  EXPECT_EQ(found.score, 0);
  EXPECT_EQ(found.map.values, (std::vector<float>{0, 0}));
}

TEST(Scoring, TopIsReweightedAsTheLargestIs) {
  const Bank bank(test::patches_of({{0, 0}, {0.5, 0}, {0, 0.25}}));
  PatchMatrix queries{200, 2, std::vector<float>(400)};
  for (std::size_t i = 0; i < 200; ++i) queries.row(i)[1] = -static_cast<float>(i) / 100;
  const FrameScore max = bank.score(ScoreMode::paper, 3, queries, {10, 20}, ImageScore::max);
  const FrameScore top = bank.score(ScoreMode::paper, 3, queries, {10, 20}, ImageScore::top);
  EXPECT_NEAR(top.score, max.score * (1.99 + 1.98) / 2 / 1.99, 1e-6);
}

TEST(Scoring, PublishedIsTheMeanOfSquaredDistances) {
  const Bank bank(test::patches_of({{0, 0}, {6, 8}, {0, 10}}));
  const PatchMatrix queries = test::patches_of({{0, 0}, {0, 1}, {3, 4}, {0, 12}});
  const FrameScore one = bank.score(ScoreMode::published, 1, queries, {2, 2});
  EXPECT_EQ(one.map.height, 2);
  EXPECT_EQ(one.map.width, 2);
  EXPECT_EQ(one.map.values, (std::vector<float>{0, 1, 25, 4}));
  EXPECT_EQ(one.score, 25);
  const FrameScore two = bank.score(ScoreMode::published, 2, queries, {1, 4});
  EXPECT_EQ(two.map.values, (std::vector<float>{50, 41, 25, 28}));
  EXPECT_EQ(two.score, 50);
}

TEST(Scoring, PublishedAgreesWithDoublePrecision) {
  const Bank bank(test::random_patches(80, 31, 1));
  const PatchMatrix queries = test::random_patches(24, 31, 2);
  const FrameScore found = bank.score(ScoreMode::published, 3, queries, {4, 6});
  double largest = 0;
  for (std::size_t i = 0; i < queries.rows; ++i) {
    const auto near = sorted_distances(queries.row(i), bank.patches);
    double mean = 0;
    for (std::size_t j = 0; j < 3; ++j) mean += near[j].first * near[j].first / 3;
    EXPECT_NEAR(found.map.values[i], mean, 1e-5 * mean);
    largest = std::max(largest, mean);
  }
  EXPECT_NEAR(found.score, largest, 1e-5 * largest);
}

TEST(Scoring, PaperIsReweightedByEquation7) {
  const Bank bank(test::random_patches(80, 31, 1));
  const PatchMatrix queries = test::random_patches(24, 31, 2);
  const FrameScore found = bank.score(ScoreMode::paper, 5, queries, {4, 6});
  double largest = 0;
  double expected = 0;
  std::vector<double> distances;
  for (std::size_t i = 0; i < queries.rows; ++i) {
    const auto near = sorted_distances(queries.row(i), bank.patches);
    const double score = near[0].first;
    distances.push_back(score);
    if (score <= largest) continue;
    largest = score;
    const auto around = sorted_distances(bank.patches.row(near[0].second), bank.patches);
    double sum = 0;
    for (std::size_t j = 0; j < 5; ++j) {
      sum += std::exp(distance(queries.row(i), bank.patches.row(around[j].second), 31));
    }
    expected = (1 - std::exp(score) / sum) * score;
  }
  EXPECT_NEAR(found.score, expected, 1e-5 * expected);
  for (std::size_t i = 0; i < queries.rows; ++i) {
    const double in_the_scores_unit = distances[i] * expected / largest;
    EXPECT_NEAR(found.map.values[i], in_the_scores_unit, 1e-5 * in_the_scores_unit);
  }
}

TEST(Scoring, PaperWithANeighbourhoodOfOneIsTheLargestDistance) {
  const Bank bank(test::patches_of({{0, 0}, {6, 8}}));
  EXPECT_EQ(bank.score(ScoreMode::paper, 1, test::patches_of({{3, 4}, {0, 1}}), {1, 2}).score, 5);
}

TEST(Scoring, PaperSurvivesDistancesWhoseExponentialOverflows) {
  const Bank bank(test::patches_of({{0, 0}, {3000, 0}}));
  const double score =
      bank.score(ScoreMode::paper, 2, test::patches_of({{-5000, 0}}), {1, 1}).score;
  EXPECT_DOUBLE_EQ(score, 5000);
}

TEST(Scoring, PaperOfAMemberOfTheBankIsZero) {
  const Bank bank(test::patches_of({{0, 0}, {6, 8}}));
  EXPECT_EQ(bank.score(ScoreMode::paper, 2, test::patches_of({{6, 8}}), {1, 1}).score, 0);
}

TEST(Scoring, RefusesMoreNeighboursThanTheBankHas) {
  const Bank bank(test::patches_of({{0, 0}, {6, 8}}));
  for (const ScoreMode mode : {ScoreMode::published, ScoreMode::paper}) {
    EXPECT_THROW(Scoring({mode, 3}, bank.patches, *bank.index), Error);
    EXPECT_THROW(Scoring({mode, 0}, bank.patches, *bank.index), Error);
    EXPECT_NO_THROW(Scoring({mode, 2}, bank.patches, *bank.index));
  }
}

TEST(Scoring, RefusesAGridThatDoesNotFit) {
  const Bank bank(test::patches_of({{0, 0}}));
  const PatchMatrix queries = test::random_patches(4, 2, 1);
  EXPECT_THROW(bank.score(ScoreMode::published, 1, queries, {2, 3}), Error);
  EXPECT_THROW(bank.score(ScoreMode::published, 1, queries, {-2, -2}), Error);
  EXPECT_THROW(bank.score(ScoreMode::published, 1, {0, 2, {}}, {0, 0}), Error);
}

TEST(Scoring, RefusesFeaturesThatAreNotFinite) {
  const Bank bank(test::patches_of({{0, 0}}));
  const PatchMatrix queries = test::patches_of({{std::numeric_limits<float>::quiet_NaN(), 0}});
  EXPECT_THROW(bank.score(ScoreMode::published, 1, queries, {1, 1}), Error);
}

TEST(FullAnomalyMap, IsInterpolatedAndSmoothedAsDefined) {
  const std::vector<float> random = test::random_patches(1, 60, 3).values;
  const ScoreMap map{6, 10, random};
  // Enlarged, shrunk, and so small that the filter is wider than the picture.
  for (const Size size : {Size{80, 48}, Size{101, 37}, Size{7, 5}, Size{300, 2}}) {
    const ScoreMap full = full_anomaly_map(map, size);
    ASSERT_EQ(full.width, size.width);
    ASSERT_EQ(full.height, size.height);
    const std::vector<double> expected = full_map_directly(map, size);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(full.values[i], expected[i], 1e-5) << size.width << " x " << size.height;
    }
  }
}

TEST(FullAnomalyMap, OfASingleScoreIsEven) {
  for (const float value : full_anomaly_map({1, 1, {3}}, {224, 224}).values) {
    ASSERT_NEAR(value, 3, 1e-5);
  }
  EXPECT_NEAR(full_anomaly_map({1, 1, {3}}, {1, 1}).values[0], 3, 1e-6);
}

TEST(FullAnomalyMap, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(full_anomaly_map({}, {8, 8}), Error);
  EXPECT_THROW(full_anomaly_map({2, 2, {1, 2, 3}}, {8, 8}), Error);
  EXPECT_THROW(full_anomaly_map({1, 1, {1}}, {0, 8}), Error);
  EXPECT_THROW(full_anomaly_map({1, 1, {1}}, {8, -8}), Error);
}

// Two tiles of three patches each, of which the last and the first lie over each other.
TEST(Scoring, BlendsPatchesThatLieOverEachOther) {
  const Bank bank(test::random_patches(40, 8, 1));
  const PatchMatrix patches = test::random_patches(6, 8, 2);
  const auto blending = std::make_shared<PatchBlending>();
  blending->positions = 5;
  blending->position = {0, 1, 2, 2, 3, 4};
  blending->weight = {1, 1, 0.25F, 0.75F, 1, 1};
  const PatchLayout layout({1, 6}, blending);
  Neighbours neighbours;
  for (const ScoreMode mode : {ScoreMode::published, ScoreMode::paper}) {
    for (const ImageScore image_score : {ImageScore::max, ImageScore::top}) {
      const Scoring scoring({mode, 3, image_score}, bank.patches, *bank.index);
      const FrameScore apart = scoring.score(patches, {{1, 6}}, neighbours);
      const FrameScore found = scoring.score(patches, layout, neighbours);
      ASSERT_EQ(found.map.width, 5);
      ASSERT_EQ(found.map.height, 1);
      // The weight of the paper differs where another patch is the highest.
      const float scale = found.map.values[0] / apart.map.values[0];
      EXPECT_NEAR(found.map.values[2],
                  scale * (0.25F * apart.map.values[2] + 0.75F * apart.map.values[3]), 1e-5);
      EXPECT_NEAR(found.map.values[4], scale * apart.map.values[5], 1e-5);
      EXPECT_EQ(static_cast<float>(found.score),
                *std::max_element(found.map.values.begin(), found.map.values.end()));
    }
  }
}

// The position's score counts, and of its patches the highest is looked at.
TEST(Scoring, ReweighsABlendedPositionByItsHighestPatch) {
  const Bank bank(test::random_patches(40, 8, 1));
  PatchMatrix patches = test::random_patches(3, 8, 2);
  for (std::size_t i = 0; i < 8; ++i) {
    patches.row(1)[i] += 5;
    patches.row(2)[i] += 6;
  }
  const auto blending = std::make_shared<PatchBlending>();
  blending->positions = 2;
  blending->position = {0, 1, 1};
  blending->weight = {1, 0.5F, 0.5F};
  Neighbours neighbours;
  const Scoring plain({ScoreMode::paper, 1, ImageScore::max}, bank.patches, *bank.index);
  const Scoring weighed({ScoreMode::paper, 3, ImageScore::max}, bank.patches, *bank.index);
  PatchMatrix highest = {1, 8, {patches.row(2), patches.row(2) + 8}};
  const double weight = weighed.score(highest, {{1, 1}}, neighbours).score /
                        plain.score(highest, {{1, 1}}, neighbours).score;
  ASSERT_LT(weight, 0.99);
  const double unweighed = plain.score(patches, {{1, 3}, blending}, neighbours).score;
  EXPECT_NEAR(weighed.score(patches, {{1, 3}, blending}, neighbours).score, weight * unweighed,
              1e-5 * unweighed);
}

TEST(Scoring, NeedsThePatchesForEquation7Alone) {
  const Bank bank(test::random_patches(40, 8, 1));
  const PatchMatrix patches = test::random_patches(6, 8, 2);
  Neighbours neighbours;
  const Scoring published({ScoreMode::published, 3, ImageScore::max}, bank.patches, *bank.index);
  EXPECT_FALSE(published.needs_patches());
  published.search(patches, neighbours);
  EXPECT_EQ(published.score_neighbours({}, {{2, 3}}, neighbours).map.values,
            published.score_neighbours(patches, {{2, 3}}, neighbours).map.values);
  const Scoring paper({ScoreMode::paper, 3, ImageScore::max}, bank.patches, *bank.index);
  EXPECT_TRUE(paper.needs_patches());
  paper.search(patches, neighbours);
  EXPECT_THROW(paper.score_neighbours({}, {{2, 3}}, neighbours), Error);
  const auto blending = std::make_shared<PatchBlending>();
  blending->positions = 1;
  blending->position = {0};
  blending->weight = {1};
  EXPECT_THROW(paper.score_neighbours(patches, {{2, 3}, blending}, neighbours), Error);
}

// A tile is smoothed as a frame of its size is.
TEST(FullAnomalyMap, IsSmoothedByTheSizeOfATile) {
  Detection detection;
  detection.map = {8, 16, std::vector<float>(128)};
  detection.map.values[40] = 1;
  detection.inspected = {0, 0, 640, 320};
  detection.seen_at_once = {320, 320};
  const auto values = [&] { return full_map_of(detection, {448, 224}).values; };
  const std::vector<float> of_tiles = values();
  EXPECT_EQ(of_tiles, full_anomaly_map(detection.map, {448, 224}, 0.5).values);
  detection.seen_at_once = {640, 320};
  EXPECT_EQ(values(), full_anomaly_map(detection.map, {448, 224}).values);
  const std::vector<float> at_once = values();
  EXPECT_GT(*std::max_element(of_tiles.begin(), of_tiles.end()),
            1.05F * *std::max_element(at_once.begin(), at_once.end()));
  detection.seen_at_once = {};
  EXPECT_EQ(values(), full_anomaly_map(detection.map, {448, 224}).values);
}

}  // namespace patchcore
