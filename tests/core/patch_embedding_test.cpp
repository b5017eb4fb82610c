// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the patch features: the plain form against the definition written out as slow loops, the
// fused form against the plain one, and the refusal of maps that do not fit together.
#include "core/patch_embedding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <ostream>
#include <random>
#include <utility>
#include <vector>

#include "core/threads.h"
#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

FeatureMap filled_map(int batch, int height, int width, int channels, std::vector<float> values) {
  const auto owner = std::make_shared<const std::vector<float>>(std::move(values));
  return {"layer", batch, height, width, channels, {owner, owner->data()}};
}

FeatureMap random_map(int batch, int height, int width, int channels) {
  std::mt19937 random(static_cast<unsigned>(batch + 10 * height + 100 * width + 1000 * channels));
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(batch) * height * width * channels);
  for (float& value : values) value = normal(random);
  return filled_map(batch, height, width, channels, std::move(values));
}

struct Case {
  const char* name;
  PatchEmbeddingOptions options;
  FeatureMaps maps;
};

void PrintTo(const Case& test_case, std::ostream* out) {
  *out << test_case.name;
}

/// One value of the zero-padded neighbourhood.
double unfolded_value(const FeatureMap& map, int picture, int y, int x, int element, int patch) {
  const int channel = element / (patch * patch);
  const int row = y + element % (patch * patch) / patch - patch / 2;
  const int column = x + element % patch - patch / 2;
  if (row < 0 || row >= map.height || column < 0 || column >= map.width) return 0;
  const std::size_t position =
      (static_cast<std::size_t>(picture) * map.height + row) * map.width + column;
  return map.values.get()[position * map.channels + channel];
}

struct Between {
  int near;
  int far;
  double share;
};

Between between(int index, int from, int to) {
  const double source = std::max(0.0, (index + 0.5) * from / to - 0.5);
  const int near = std::min(static_cast<int>(std::floor(source)), from - 1);
  return {near, std::min(near + 1, from - 1), source - near};
}

std::vector<double> pooled(const std::vector<double>& values, int dimension) {
  std::vector<double> result(dimension);
  const auto inputs = static_cast<double>(values.size());
  for (int i = 0; i < dimension; ++i) {
    const int begin = static_cast<int>(std::floor(i * inputs / dimension));
    const int end = static_cast<int>(std::ceil((i + 1) * inputs / dimension));
    for (int j = begin; j < end; ++j) result[i] += values[j] / (end - begin);
  }
  return result;
}

/// The definition for one position of the first layer's grid.
std::vector<double> slow_feature(const FeatureMaps& maps, const PatchEmbeddingOptions& options,
                                 int picture, int y, int x) {
  const int patch = options.patch_size;
  std::vector<double> joined;
  for (const FeatureMap& map : maps) {
    const Between row = between(y, map.height, maps.front().height);
    const Between column = between(x, map.width, maps.front().width);
    std::vector<double> unfolded;
    for (int element = 0; element < map.channels * patch * patch; ++element) {
      const auto at = [&](int from_y, int from_x) {
        return unfolded_value(map, picture, from_y, from_x, element, patch);
      };
      const double near =
          at(row.near, column.near) * (1 - column.share) + at(row.near, column.far) * column.share;
      const double far =
          at(row.far, column.near) * (1 - column.share) + at(row.far, column.far) * column.share;
      unfolded.push_back(near * (1 - row.share) + far * row.share);
    }
    std::vector<double> layer;
    if (options.pretrain_embed_dimension == dimension_none) {
      for (int channel = 0; channel < map.channels; ++channel) {
        double sum = 0;
        for (int i = 0; i < patch * patch; ++i) sum += unfolded[channel * patch * patch + i];
        layer.push_back(sum / (patch * patch));
      }
    } else {
      layer = pooled(unfolded, options.pretrain_embed_dimension);
    }
    joined.insert(joined.end(), layer.begin(), layer.end());
  }
  return options.target_embed_dimension == dimension_none
             ? joined
             : pooled(joined, options.target_embed_dimension);
}

double largest_difference(const PatchMatrix& one, const PatchMatrix& other) {
  double largest = 0;
  for (std::size_t i = 0; i < one.values.size(); ++i) {
    largest = std::max<double>(largest, std::abs(one.values[i] - other.values[i]));
  }
  return largest;
}

class PatchEmbeddingTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override { use_threads(0); }
};

TEST_P(PatchEmbeddingTest, PlainFollowsTheDefinition) {
  const Case& test_case = GetParam();
  PatchMatrix patches;
  const PatchGrid grid = PatchEmbedding(test_case.options).embed_plain(test_case.maps, patches);

  const FeatureMap& first = test_case.maps.front();
  EXPECT_EQ(grid.height, first.height);
  EXPECT_EQ(grid.width, first.width);
  std::size_t row = 0;
  for (int picture = 0; picture < first.batch; ++picture) {
    for (int y = 0; y < first.height; ++y) {
      for (int x = 0; x < first.width; ++x, ++row) {
        const std::vector<double> expected =
            slow_feature(test_case.maps, test_case.options, picture, y, x);
        ASSERT_EQ(patches.columns, expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
          ASSERT_NEAR(patches.row(row)[i], expected[i], 1e-5)
              << "picture " << picture << ", position " << x << ", " << y << ", value " << i;
        }
      }
    }
  }
  EXPECT_EQ(patches.rows, row);
  EXPECT_EQ(patches.values.size(), patches.rows * patches.columns);
}

TEST_P(PatchEmbeddingTest, FusedEqualsPlain) {
  const Case& test_case = GetParam();
  const PatchEmbedding embedding(test_case.options);
  PatchMatrix plain;
  embedding.embed_plain(test_case.maps, plain);
  // What an earlier frame of another size left behind must not show.
  PatchMatrix fused = {2, 2, {1, 2, 3, std::numeric_limits<float>::quiet_NaN()}};
  const PatchGrid grid = embedding.embed(test_case.maps, fused);

  EXPECT_EQ(grid.height, test_case.maps.front().height);
  EXPECT_EQ(grid.width, test_case.maps.front().width);
  ASSERT_EQ(fused.rows, plain.rows);
  ASSERT_EQ(fused.columns, plain.columns);
  ASSERT_EQ(fused.values.size(), plain.values.size());
  EXPECT_LE(largest_difference(fused, plain), 1e-5);
}

constexpr int none = dimension_none;

INSTANTIATE_TEST_SUITE_P(
    Small, PatchEmbeddingTest,
    ::testing::Values(
        Case{"patch 1, one layer", {1, none, none}, {random_map(2, 3, 5, 4)}},
        Case{"patch 1, pooled", {1, 3, 2}, {random_map(1, 3, 4, 7)}},
        Case{"no pooling", {3, none, none}, {random_map(1, 5, 7, 6), random_map(1, 3, 4, 9)}},
        Case{"first pooling only", {3, 5, none}, {random_map(1, 5, 4, 6), random_map(1, 2, 2, 3)}},
        Case{"second pooling only", {3, none, 4}, {random_map(1, 5, 4, 6), random_map(1, 3, 2, 5)}},
        Case{"uneven windows", {3, 10, 7}, {random_map(2, 5, 7, 4), random_map(2, 3, 4, 9)}},
        Case{"a window over both layers",
             {3, 4, 3},
             {random_map(1, 4, 4, 8), random_map(1, 2, 2, 5)}},
        Case{"one value of all", {3, 6, 1}, {random_map(1, 3, 3, 4), random_map(1, 2, 3, 4)}},
        Case{"more values than there are",
             {3, 50, 300},
             {random_map(1, 3, 3, 4), random_map(1, 2, 2, 3)}},
        Case{"patch 5 over a smaller map",
             {5, 8, 6},
             {random_map(1, 3, 7, 5), random_map(1, 1, 2, 6)}},
        Case{"three layers",
             {3, 11, 8},
             {random_map(1, 9, 6, 3), random_map(1, 5, 3, 5), random_map(1, 3, 2, 7)}},
        Case{"equal grids", {3, 6, 5}, {random_map(1, 4, 5, 4), random_map(1, 4, 5, 3)}},
        Case{
            "equal widths only", {3, none, none}, {random_map(1, 6, 5, 4), random_map(1, 3, 5, 3)}},
        Case{"coarser layer first", {3, 6, 5}, {random_map(1, 3, 2, 5), random_map(1, 7, 5, 4)}},
        Case{"one position", {3, 4, 4}, {random_map(1, 1, 1, 3)}}));

// The sizes of real networks, beyond one block of channels, on odd grids.
class WidePatchEmbeddingTest : public PatchEmbeddingTest {};

TEST_P(WidePatchEmbeddingTest, FusedEqualsPlain) {
  const Case& test_case = GetParam();
  const PatchEmbedding embedding(test_case.options);
  PatchMatrix plain;
  PatchMatrix fused;
  embedding.embed_plain(test_case.maps, plain);
  embedding.embed(test_case.maps, fused);
  ASSERT_EQ(fused.rows, plain.rows);
  ASSERT_EQ(fused.columns, plain.columns);
  EXPECT_LE(largest_difference(fused, plain), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, WidePatchEmbeddingTest,
    ::testing::Values(
        Case{"wide_resnet50_2",
             {3, 1024, 1024},
             {random_map(2, 9, 7, 512), random_map(2, 5, 3, 1024)}},
        Case{"wide_resnet50_2, three layers",
             {3, 1024, 384},
             {random_map(1, 13, 11, 256), random_map(1, 7, 5, 512), random_map(1, 3, 3, 1024)}},
        Case{"resnet18", {3, 1024, 1024}, {random_map(1, 9, 7, 128), random_map(1, 5, 3, 256)}},
        Case{"patch 5", {5, 1024, 1024}, {random_map(1, 7, 5, 512), random_map(1, 3, 3, 1024)}},
        Case{"densenet201", {3, 1024, 384}, {random_map(1, 7, 5, 512), random_map(1, 3, 3, 1792)}},
        Case{"efficientnet_lite0",
             {3, none, none},
             {random_map(2, 23, 11, 40), random_map(2, 11, 5, 112)}}));

// The centre of a constant map keeps its value; at the border the zero padding pulls it down.
TEST(PatchEmbedding, AveragesOverZeroPadding) {
  PatchMatrix patches;
  PatchEmbedding({3, none, none})
      .embed({filled_map(1, 3, 3, 1, std::vector<float>(9, 9.0F))}, patches);
  EXPECT_EQ(patches.columns, 1U);
  const std::vector<float> expected = {4, 6, 4, 6, 9, 6, 4, 6, 4};
  ASSERT_EQ(patches.values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(patches.values[i], expected[i], 1e-5) << i;
  }
}

// Pictures of a batch do not see each other.
TEST(PatchEmbedding, BatchEqualsSinglePictures) {
  const FeatureMap both = random_map(2, 4, 3, 5);
  const std::size_t half = 4 * 3 * 5;
  const PatchEmbedding embedding({3, 6, 4});
  PatchMatrix together;
  embedding.embed({both}, together);
  for (std::size_t picture = 0; picture < 2; ++picture) {
    const float* values = both.values.get() + picture * half;
    PatchMatrix alone;
    embedding.embed({filled_map(1, 4, 3, 5, {values, values + half})}, alone);
    for (std::size_t i = 0; i < alone.values.size(); ++i) {
      EXPECT_EQ(alone.values[i], together.values[picture * alone.values.size() + i]);
    }
  }
}

TEST(PatchEmbedding, RefusesInvalidOptions) {
  EXPECT_ERROR(PatchEmbedding({2, none, none}), invalid_argument, "2");
  EXPECT_ERROR(PatchEmbedding({0, none, none}), invalid_argument, "0");
  EXPECT_ERROR(PatchEmbedding({-3, none, none}), invalid_argument, "-3");
  EXPECT_ERROR(PatchEmbedding({3, -1, none}), invalid_argument, "-1");
  EXPECT_ERROR(PatchEmbedding({3, none, -7}), invalid_argument, "-7");
}

/// Both forms must refuse @p maps.
void expect_refused(const FeatureMaps& maps, const char* part) {
  const PatchEmbedding embedding({3, none, none});
  PatchMatrix patches;
  EXPECT_ERROR(embedding.embed(maps, patches), invalid_argument, part);
  EXPECT_ERROR(embedding.embed_plain(maps, patches), invalid_argument, part);
}

TEST(PatchEmbedding, RefusesNoMaps) {
  expect_refused({}, "no feature maps");
}

TEST(PatchEmbedding, RefusesEmptyMaps) {
  for (int FeatureMap::*size :
       {&FeatureMap::batch, &FeatureMap::height, &FeatureMap::width, &FeatureMap::channels}) {
    for (const int value : {0, -1}) {
      FeatureMap map = random_map(1, 2, 2, 2);
      map.layer = "layer3";
      map.*size = value;
      expect_refused({map}, "\"layer3\"");
      expect_refused({random_map(1, 2, 2, 2), map}, "\"layer3\"");
    }
  }
}

TEST(PatchEmbedding, RefusesMapsWithoutValues) {
  FeatureMap map = random_map(1, 2, 2, 2);
  map.values = nullptr;
  expect_refused({map}, "empty");
}

TEST(PatchEmbedding, RefusesDifferentBatchSizes) {
  expect_refused({random_map(2, 4, 4, 3), random_map(1, 2, 2, 3)}, "batch size");
}

}  // namespace
}  // namespace patchcore
