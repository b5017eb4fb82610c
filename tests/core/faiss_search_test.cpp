// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what FAISS's searches share: exact distances in order, no gap in the result, one kind of
// error.
#include "core/faiss_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

/// Finds the same rows for each query.
FaissSearch finds(const std::vector<std::int64_t>& rows) {
  return [rows](const PatchMatrix& queries, std::size_t count, float* distances,
                std::int64_t* indices) {
    for (std::size_t query = 0; query < queries.rows; ++query) {
      std::copy_n(rows.begin(), count, indices + query * count);
      // What FAISS says of the distance is not to be used.
      std::fill_n(distances + query * count, count, -7.0F);
    }
  };
}

class FaissSearchTest : public testing::Test {
 protected:
  Neighbours search(const FaissSearch& search, const PatchMatrix& queries, std::size_t k,
                    std::size_t candidates) const {
    Neighbours result;
    search_exactly_among(search, {bank_.values.data(), bank_.rows, bank_.columns}, queries, k,
                         candidates, result);
    return result;
  }

  const PatchMatrix bank_ = test::patches_of({{0, 0}, {3, 4}, {0, 1}, {0, -1}, {0, 9}});
  const PatchMatrix queries_ = test::patches_of({{0, 0}, {3, 3}});
};

}  // namespace

TEST_F(FaissSearchTest, KeepsTheNearestCandidatesWithExactDistances) {
  const Neighbours found = search(finds({4, 1, 2}), queries_, 2, 3);
  EXPECT_EQ(found.queries, 2U);
  EXPECT_EQ(found.k, 2U);
  EXPECT_EQ(found.indices, (std::vector<std::int64_t>{2, 1, 1, 2}));
  EXPECT_EQ(found.distances, (std::vector<float>{1, 25, 1, 13}));
}

TEST_F(FaissSearchTest, PutsTheFirstInTheBankFirstWhereDistancesAreEqual) {
  const Neighbours found = search(finds({3, 2}), test::patches_of({{5, 0}}), 2, 2);
  EXPECT_EQ(found.indices, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(found.distances, (std::vector<float>{26, 26}));
}

TEST_F(FaissSearchTest, PassesOverCandidatesThatWereNotFound) {
  const Neighbours found = search(finds({4, -1, 1, -1}), queries_, 1, 4);
  EXPECT_EQ(found.indices, (std::vector<std::int64_t>{1, 1}));
}

TEST_F(FaissSearchTest, ComparesWithAllWhereTooFewAreFound) {
  const Neighbours found = search(finds({4, -1, -1}), queries_, 2, 3);
  EXPECT_EQ(found.indices, (std::vector<std::int64_t>{0, 2, 1, 2}));
  EXPECT_EQ(found.distances, (std::vector<float>{0, 1, 1, 13}));
  EXPECT_EQ(search(finds({-1}), queries_, 1, 1).indices, (std::vector<std::int64_t>{0, 1}));
}

TEST_F(FaissSearchTest, DoesNotSearchForNoQueries) {
  const FaissSearch fails = [](auto&&...) { throw std::runtime_error("searched"); };
  const Neighbours found = search(fails, {0, 2, {}}, 1, 1);
  EXPECT_EQ(found.queries, 0U);
  EXPECT_TRUE(found.indices.empty());
}

TEST_F(FaissSearchTest, TurnsExceptionsIntoErrorsThatNameTheShape) {
  const FaissSearch fails = [](auto&&...) { throw std::runtime_error("the reason"); };
  EXPECT_ERROR(search(fails, queries_, 1, 1), internal, "2 x 2 queries: the reason");
  const FaissSearch exhausts = [](auto&&...) { throw std::bad_alloc(); };
  EXPECT_ERROR(search(exhausts, queries_, 1, 1), no_space, "2 x 2 queries");
}

}  // namespace patchcore
