// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the search: the right neighbours in order, exact distances, and clear refusals.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "core/distances.h"
#include "core/error.h"
#include "core/nearest_neighbours.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST(NearestNeighboursFaiss, FindsWhatADirectSearchFinds) {
  const PatchMatrix bank = test::random_patches(300, 21, 1);
  const auto index = make_nearest_neighbours_faiss(bank);
  // FAISS searches differently for few and for many queries.
  for (const std::size_t count : {1U, 100U}) {
    const PatchMatrix queries = test::random_patches(count, 21, 2);
    Neighbours found;
    index->search(queries, 5, found);
    ASSERT_EQ(found.queries, count);
    ASSERT_EQ(found.k, 5U);
    ASSERT_EQ(found.distances.size(), count * 5);
    ASSERT_EQ(found.indices.size(), count * 5);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> distances(bank.rows);
      for (std::size_t j = 0; j < bank.rows; ++j) {
        distances[j] = squared_row_distance(queries.row(i), bank.row(j), 21);
      }
      std::vector<std::int64_t> order(bank.rows);
      std::iota(order.begin(), order.end(), 0);
      std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        return distances[static_cast<std::size_t>(a)] < distances[static_cast<std::size_t>(b)];
      });
      for (std::size_t n = 0; n < 5; ++n) {
        EXPECT_EQ(found.indices[i * 5 + n], order[n]);
        EXPECT_EQ(found.distances[i * 5 + n], distances[static_cast<std::size_t>(order[n])]);
      }
    }
  }
}

TEST(NearestNeighboursFaiss, IsExactFarFromTheOrigin) {
  PatchMatrix bank = test::random_patches(100, 16, 1);
  for (float& value : bank.values) value = 30 + value;
  Neighbours found;
  make_nearest_neighbours_faiss(bank)->search(bank, 2, found);
  for (std::size_t i = 0; i < bank.rows; ++i) {
    EXPECT_EQ(found.indices[2 * i], static_cast<std::int64_t>(i));
    EXPECT_EQ(found.distances[2 * i], 0);
    EXPECT_GT(found.distances[2 * i + 1], 0);
  }
}

TEST(NearestNeighboursFaiss, KeepsItsOwnCopyOfTheBank) {
  PatchMatrix bank = test::patches_of({{0, 0}, {3, 4}});
  const auto index = make_nearest_neighbours_faiss(bank);
  bank = {};
  Neighbours found;
  index->search(test::patches_of({{3, 3}}), 2, found);
  EXPECT_EQ(found.indices, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(found.distances, (std::vector<float>{1, 18}));
}

TEST(NearestNeighboursFaiss, FindsNothingForNoQueries) {
  Neighbours found;
  make_nearest_neighbours_faiss(test::patches_of({{0, 0}}))->search({0, 2, {}}, 1, found);
  EXPECT_EQ(found.queries, 0U);
  EXPECT_TRUE(found.distances.empty());
}

TEST(NearestNeighboursFaiss, RefusesMoreNeighboursThanTheBankHas) {
  const auto index = make_nearest_neighbours_faiss(test::patches_of({{0, 0}, {3, 4}}));
  const PatchMatrix query = test::patches_of({{1, 1}});
  Neighbours found;
  EXPECT_THROW(index->search(query, 0, found), Error);
  EXPECT_THROW(index->search(query, 3, found), Error);
}

TEST(NearestNeighboursFaiss, RefusesQueriesOfAnotherShape) {
  const auto index = make_nearest_neighbours_faiss(test::patches_of({{0, 0}, {3, 4}}));
  Neighbours found;
  EXPECT_THROW(index->search(test::patches_of({{1, 2, 3}}), 1, found), Error);
  EXPECT_THROW(index->search({2, 2, {1, 2, 3}}, 1, found), Error);
}

TEST(NearestNeighboursFaiss, RefusesFeaturesThatAreNotFinite) {
  const auto index = make_nearest_neighbours_faiss(test::patches_of({{0, 0}, {3, 4}}));
  Neighbours found;
  for (const std::size_t k : {1U, 2U}) {
    for (const std::size_t count : {1U, 40U}) {
      PatchMatrix queries = test::random_patches(count, 2, 1);
      queries.values[1] = nan;
      EXPECT_THROW(index->search(queries, k, found), Error) << k << " of " << count;
      queries.values[1] = std::numeric_limits<float>::infinity();
      EXPECT_THROW(index->search(queries, k, found), Error) << k << " of " << count;
    }
  }
}

TEST(NearestNeighboursFaiss, RefusesABankThatCannotBeSearched) {
  EXPECT_THROW(make_nearest_neighbours_faiss({}), Error);
  EXPECT_THROW(make_nearest_neighbours_faiss({2, 2, {1, 2, 3}}), Error);
  EXPECT_THROW(make_nearest_neighbours_faiss(test::patches_of({{0, nan}})), Error);
}

}  // namespace patchcore
