// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the lazy selection: exactly the picks of the plain definition and of the published
// implementation, distinct rows whatever the data, and faults reported.
#include "core/greedy_selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>

#include "core/anchor_distances.h"
#include "core/distances.h"
#include "core/error.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/patch_matrices.h"
#include "tests/support/shared_files.h"

namespace patchcore {

namespace {

using Picks = std::vector<std::int64_t>;

Picks lazily(const PatchMatrix& points, std::int64_t count, std::vector<float> bounds) {
  return select_greedily(points, count, bounds);
}

Picks plainly(const PatchMatrix& points, std::int64_t count, std::vector<float> bounds) {
  return select_greedily_plain(points, count, bounds);
}

/// Few clusters of different width far from the origin: the bounds of many rows go stale.
PatchMatrix clustered(std::size_t rows) {
  PatchMatrix points = test::random_patches(rows, 24, 5);
  const PatchMatrix centres = test::random_patches(8, 24, 6);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t cluster = i % 8;
    for (std::size_t j = 0; j < 24; ++j) {
      float& value = points.row(i)[j];
      value = 10 + 3 * centres.row(cluster)[j] + static_cast<float>(cluster) * value / 8;
    }
  }
  return points;
}

Picks picks_of(const StoredTensor& tensor) {
  Picks picks(static_cast<std::size_t>(tensor.element_count()));
  std::memcpy(picks.data(), tensor.bytes.data(), tensor.bytes.size());
  return picks;
}

/// Picks must be identical, but two whose bounds differ by less than one part in ten thousand may
/// have changed places.
void expect_same_order(const PatchMatrix& points, std::vector<float> bounds, const Picks& found,
                       const Picks& expected) {
  ASSERT_EQ(found.size(), expected.size());
  std::vector<float> bound_when_picked(points.rows, -1);
  for (const std::int64_t pick : found) {
    const auto row = static_cast<std::size_t>(pick);
    bound_when_picked[row] = bounds[row];
    for (std::size_t i = 0; i < points.rows; ++i) {
      bounds[i] = std::min(bounds[i], row_distance(points.row(i), points.row(row), points.columns));
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == expected[i]) continue;
    const float bound = bound_when_picked[static_cast<std::size_t>(found[i])];
    EXPECT_NEAR(bound_when_picked[static_cast<std::size_t>(expected[i])], bound, 1e-4F * bound)
        << "pick " << i;
  }
  EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()),
            std::set<std::int64_t>(expected.begin(), expected.end()));
}

}  // namespace

TEST(GreedySelection, PicksWhatThePublishedImplementationPicks) {
  PATCHCORE_SHARED_FILE_OR_SKIP(path, "golden/coreset.safetensors");
  const Safetensors golden = read_safetensors(path);
  const StoredTensor& features = require_tensor(golden.tensors, "features", path);
  const PatchMatrix points{static_cast<std::size_t>(features.shape[0]),
                           static_cast<std::size_t>(features.shape[1]), features.to_floats()};
  const Picks exact = picks_of(require_tensor(golden.tensors, "exact_picks", path));
  const std::vector<float> norms = distance_norms(points);
  expect_same_order(points, norms, lazily(points, static_cast<std::int64_t>(exact.size()), norms),
                    exact);

  const Picks approximate = picks_of(require_tensor(golden.tensors, "approx_picks", path));
  const std::vector<float> means =
      mean_distances(points, picks_of(require_tensor(golden.tensors, "approx_starts", path)));
  expect_same_order(points, means,
                    lazily(points, static_cast<std::int64_t>(approximate.size()), means),
                    approximate);
}

TEST(GreedySelection, TakesTheFarthestAgainAndAgain) {
  const PatchMatrix points = test::patches_of({{0}, {10}, {4}, {7}});
  for (const auto& select : {lazily, plainly}) {
    EXPECT_EQ(select(points, 4, {5, 0, 0, 0}), (Picks{0, 1, 2, 3}));
    EXPECT_EQ(select(points, 3, {1, 10, 6, 3}), (Picks{1, 2, 3}));
  }
}

TEST(GreedySelection, LazyAndPlainPickTheSame) {
  use_threads(0);
  const PatchMatrix uniform = test::random_patches(5000, 24, 1);
  const PatchMatrix clusters = clustered(5000);
  for (const PatchMatrix* points : {&uniform, &clusters}) {
    EXPECT_EQ(lazily(*points, 400, mean_distances(*points, {1, 2, 3})),
              plainly(*points, 400, mean_distances(*points, {1, 2, 3})));
    EXPECT_EQ(lazily(*points, 400, distance_norms(*points)),
              plainly(*points, 400, distance_norms(*points)));
  }
}

TEST(GreedySelection, LazyAndPlainPickTheSameDownToTheLastRow) {
  const PatchMatrix points = clustered(2300);
  const std::vector<float> bounds = distance_norms(points);
  const Picks picks = lazily(points, 2300, bounds);
  EXPECT_EQ(picks, plainly(points, 2300, bounds));
  EXPECT_EQ(std::set<std::int64_t>(picks.begin(), picks.end()).size(), 2300U);
}

TEST(GreedySelection, PicksDistinctRowsAmongDuplicates) {
  PatchMatrix points{3000, 3, {}};
  for (int i = 0; i < 3000; ++i) {
    const auto kind = static_cast<float>(i % 2);
    points.values.insert(points.values.end(), {100 + kind, 100, 100});
  }
  const std::vector<float> bounds(3000, 7);
  const Picks picks = lazily(points, 2500, bounds);
  EXPECT_EQ(std::set<std::int64_t>(picks.begin(), picks.end()).size(), 2500U);
  EXPECT_EQ(picks, plainly(points, 2500, bounds));
  EXPECT_EQ((Picks{picks[0], picks[1], picks[2], picks[3]}), (Picks{0, 1, 2, 3}));
}

TEST(GreedySelection, PicksNothingWhenAskedForNothing) {
  const PatchMatrix points = test::random_patches(3, 2, 1);
  EXPECT_TRUE(lazily(points, 0, {1, 1, 1}).empty());
  EXPECT_TRUE(plainly(points, 0, {1, 1, 1}).empty());
}

TEST(GreedySelection, RefusesImpossibleCounts) {
  const PatchMatrix points = test::random_patches(3, 2, 1);
  for (const auto& select : {lazily, plainly}) {
    EXPECT_THROW(select(points, 4, {1, 1, 1}), Error);
    EXPECT_THROW(select(points, -1, {1, 1, 1}), Error);
  }
}

TEST(GreedySelection, RefusesBoundsThatDoNotFit) {
  const PatchMatrix points = test::random_patches(3, 2, 1);
  for (const auto& select : {lazily, plainly}) {
    EXPECT_THROW(select(points, 1, {1, 1}), Error);
    EXPECT_THROW(select(points, 1, {1, -1, 1}), Error);
    EXPECT_THROW(select(points, 1, {1, std::numeric_limits<float>::quiet_NaN(), 1}), Error);
  }
}

TEST(GreedySelection, RefusesFeaturesThatAreNotFinite) {
  PatchMatrix points = test::random_patches(3, 2, 1);
  points.values[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(lazily(points, 1, {1, 1, 1}), Error);
}

TEST(GreedySelection, ReportsProgressToTheEndAndStopsWhenTold) {
  const PatchMatrix points = test::random_patches(3000, 4, 1);
  double last = 0;
  std::vector<float> bounds(3000, 9);
  select_greedily(points, 100, bounds, [&](double share) {
    EXPECT_GE(share, last);
    last = share;
  });
  EXPECT_EQ(last, 1);
  bounds.assign(3000, 9);
  EXPECT_THROW(select_greedily(points, 100, bounds,
                               [](double) { throw Error(ErrorCode::cancelled, "stopped"); }),
               Error);
}

}  // namespace patchcore
