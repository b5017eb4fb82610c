// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What every approximate index is held to.
#include "tests/support/approximate_search.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/distances.h"
#include "core/search_recall.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore::test {

double recall(const NearestNeighbours& index, const PatchMatrix& bank, const PatchMatrix& queries,
              std::size_t k) {
  Neighbours exact;
  make_nearest_neighbours_faiss(bank)->search(queries, k, exact);
  Neighbours found;
  index.search(queries, k, found);
  RecallMeasurement measurement;
  measurement.add({found, 1, exact, 1});
  return measurement.result().neighbours;
}

void expect_exact_distances(const NearestNeighbours& index, const PatchMatrix& bank,
                            const PatchMatrix& queries, std::size_t k) {
  Neighbours found;
  index.search(queries, k, found);
  ASSERT_EQ(found.queries, queries.rows);
  ASSERT_EQ(found.k, k);
  for (std::size_t query = 0; query < queries.rows; ++query) {
    std::set<std::int64_t> named;
    for (std::size_t n = query * k; n < (query + 1) * k; ++n) {
      ASSERT_GE(found.indices[n], 0);
      ASSERT_LT(found.indices[n], static_cast<std::int64_t>(bank.rows));
      named.insert(found.indices[n]);
      const float* patch = bank.row(static_cast<std::size_t>(found.indices[n]));
      EXPECT_EQ(found.distances[n], squared_row_distance(queries.row(query), patch, bank.columns));
      if (n > query * k) {
        EXPECT_GE(found.distances[n], found.distances[n - 1]);
      }
    }
    EXPECT_EQ(named.size(), k);
  }
}

void expect_same_results(const NearestNeighbours& a, const NearestNeighbours& b,
                         const PatchMatrix& queries, std::size_t k) {
  Neighbours from_a;
  a.search(queries, k, from_a);
  Neighbours from_b;
  b.search(queries, k, from_b);
  EXPECT_EQ(from_a.indices, from_b.indices);
  EXPECT_EQ(from_a.distances, from_b.distances);
}

void expect_refusals(const NearestNeighbours& index, std::size_t rows) {
  Neighbours found;
  PatchMatrix queries = random_patches(3, 16, 5);
  EXPECT_ERROR(index.search(queries, 0, found), invalid_argument, "0 neighbours");
  EXPECT_ERROR(index.search(queries, rows + 1, found), invalid_argument, "neighbours of a bank");
  EXPECT_ERROR(index.search(random_patches(3, 15, 5), 1, found), invalid_argument, "3 x 15");
  queries.values[17] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(index.search(queries, 1, found), invalid_argument, "");
  index.search({0, 16, {}}, 1, found);
  EXPECT_TRUE(found.indices.empty());
}

}  // namespace patchcore::test
