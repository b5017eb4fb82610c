// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the search in a graph: what is near is found, distances are exact, and the same bank
// makes the same index.
#include "core/nearest_neighbours_faiss_hnsw.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <limits>
#include <memory>
#include <string>

#include "core/threads.h"
#include "tests/support/approximate_search.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr std::size_t rows = 1500;
constexpr std::size_t columns = 16;

class NearestNeighboursFaissHnsw : public testing::Test {
 protected:
  void SetUp() override { use_threads(0); }

  const PatchMatrix bank_ = test::clustered_patches(rows, columns, 30, 1);
  const PatchMatrix queries_ = test::clustered_patches(200, columns, 30, 2);
};

}  // namespace

TEST_F(NearestNeighboursFaissHnsw, FindsAlmostAllWithGenerousParameters) {
  FaissHnswOptions generous;
  generous.links = 32;
  generous.build_breadth = 200;
  generous.search_breadth = 200;
  const auto index = make_nearest_neighbours_faiss_hnsw(bank_, generous);
  EXPECT_GT(test::recall(*index, bank_, queries_, 1), 0.99);
  EXPECT_GT(test::recall(*index, bank_, queries_, 5), 0.99);
}

// What the parameters are for: with few of everything much is missed.
TEST_F(NearestNeighboursFaissHnsw, MissesMuchWithMeanParameters) {
  FaissHnswOptions mean;
  mean.links = 2;
  mean.build_breadth = 2;
  mean.search_breadth = 1;
  const auto index = make_nearest_neighbours_faiss_hnsw(bank_, mean);
  EXPECT_LT(test::recall(*index, bank_, queries_, 1), 0.8);
}

TEST_F(NearestNeighboursFaissHnsw, FindsMostWithItsOwnParameters) {
  const auto index = make_nearest_neighbours_faiss_hnsw(bank_);
  EXPECT_GT(test::recall(*index, bank_, queries_, 1), 0.95);
  EXPECT_GT(test::recall(*index, bank_, queries_, 5), 0.95);
}

TEST_F(NearestNeighboursFaissHnsw, GivesExactDistances) {
  const auto index = make_nearest_neighbours_faiss_hnsw(bank_);
  for (const std::size_t k : {1U, 3U, 40U}) {
    test::expect_exact_distances(*index, bank_, queries_, k);
  }
}

TEST_F(NearestNeighboursFaissHnsw, FindsAsManyAsAskedForUpToTheWholeBank) {
  // With so few links much cannot be reached.
  FaissHnswOptions options;
  options.links = 2;
  options.build_breadth = 2;
  const auto index = make_nearest_neighbours_faiss_hnsw(bank_, options);
  const PatchMatrix few = test::clustered_patches(3, columns, 30, 3);
  test::expect_exact_distances(*index, bank_, few, rows);
  EXPECT_EQ(test::recall(*index, bank_, few, rows), 1);
}

// On however many threads the rest of the engine runs.
TEST_F(NearestNeighboursFaissHnsw, IsTheSameEveryTime) {
  use_threads(4);
  const auto first = make_nearest_neighbours_faiss_hnsw(bank_);
  const auto second = make_nearest_neighbours_faiss_hnsw(bank_);
  EXPECT_EQ(omp_get_max_threads(), 4);
  use_threads(1);
  const auto third = make_nearest_neighbours_faiss_hnsw(bank_);
  test::expect_same_results(*first, *second, queries_, 4);
  test::expect_same_results(*first, *third, queries_, 4);
}

TEST_F(NearestNeighboursFaissHnsw, ServesTheSmallestBanks) {
  for (const std::size_t small : {1U, 2U, 7U, 100U}) {
    for (const std::size_t width : {1U, 13U}) {
      SCOPED_TRACE(std::to_string(small) + " x " + std::to_string(width));
      const PatchMatrix bank = test::random_patches(small, width, 1);
      const auto index = make_nearest_neighbours_faiss_hnsw(bank);
      test::expect_exact_distances(*index, bank, test::random_patches(20, width, 2), small);
    }
  }
}

TEST_F(NearestNeighboursFaissHnsw, ServesABankOfEqualPatches) {
  PatchMatrix bank{200, 4, std::vector<float>(800, 0.5F)};
  const auto index = make_nearest_neighbours_faiss_hnsw(bank);
  test::expect_exact_distances(*index, bank, test::random_patches(5, 4, 2), 3);
}

TEST_F(NearestNeighboursFaissHnsw, KeepsItsOwnCopyOfTheBank) {
  auto bank = std::make_unique<PatchMatrix>(bank_);
  const auto index = make_nearest_neighbours_faiss_hnsw(*bank);
  bank.reset();
  test::expect_exact_distances(*index, bank_, queries_, 2);
}

TEST_F(NearestNeighboursFaissHnsw, RefusesABankThatCannotBeSearched) {
  EXPECT_ERROR(make_nearest_neighbours_faiss_hnsw({}), invalid_argument, "can't be searched");
  PatchMatrix bank = test::random_patches(100, 16, 1);
  bank.values[20] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(make_nearest_neighbours_faiss_hnsw(bank), Error);
}

TEST_F(NearestNeighboursFaissHnsw, RefusesAGraphWithoutLinks) {
  for (const int links : {-1, 0, 1}) {
    FaissHnswOptions options;
    options.links = links;
    EXPECT_ERROR(make_nearest_neighbours_faiss_hnsw(bank_, options), invalid_argument,
                 std::to_string(links) + " links");
  }
}

TEST_F(NearestNeighboursFaissHnsw, RefusesQueriesThatDoNotFit) {
  test::expect_refusals(*make_nearest_neighbours_faiss_hnsw(bank_), rows);
}

}  // namespace patchcore
