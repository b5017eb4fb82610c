// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the search in inverted lists: what is near is found, distances are exact, and the same
// bank makes the same index.
#include "core/nearest_neighbours_faiss_ivfpq.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/threads.h"
#include "tests/support/approximate_search.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr std::size_t rows = 1500;
constexpr std::size_t columns = 16;

class NearestNeighboursFaissIvfPq : public testing::Test {
 protected:
  void SetUp() override { use_threads(0); }

  const PatchMatrix bank_ = test::clustered_patches(rows, columns, 30, 1);
  const PatchMatrix queries_ = test::clustered_patches(200, columns, 30, 2);
};

}  // namespace

TEST_F(NearestNeighboursFaissIvfPq, FindsAlmostAllWithGenerousParameters) {
  FaissIvfPqOptions generous = faiss_ivfpq_options(rows, columns);
  generous.lists_searched = generous.lists;
  generous.parts = columns / 2;
  generous.candidates = 50;
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank_, generous);
  EXPECT_GT(test::recall(*index, bank_, queries_, 1), 0.99);
  EXPECT_GT(test::recall(*index, bank_, queries_, 5), 0.99);
}

// What the parameters are for: with few of everything much is missed.
TEST_F(NearestNeighboursFaissIvfPq, MissesMuchWithMeanParameters) {
  FaissIvfPqOptions mean = faiss_ivfpq_options(rows, columns);
  mean.lists_searched = 1;
  mean.parts = 1;
  mean.bits = 1;
  mean.candidates = 1;
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank_, mean);
  EXPECT_LT(test::recall(*index, bank_, queries_, 5), 0.8);
}

TEST_F(NearestNeighboursFaissIvfPq, FindsMostWithItsOwnParameters) {
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank_);
  EXPECT_GT(test::recall(*index, bank_, queries_, 1), 0.9);
  EXPECT_GT(test::recall(*index, bank_, queries_, 5), 0.9);
}

TEST_F(NearestNeighboursFaissIvfPq, GivesExactDistances) {
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank_);
  for (const std::size_t k : {1U, 3U, 40U}) {
    test::expect_exact_distances(*index, bank_, queries_, k);
  }
}

// Lists do not hold as many as that: FAISS leaves gaps.
TEST_F(NearestNeighboursFaissIvfPq, FindsAsManyAsAskedForUpToTheWholeBank) {
  FaissIvfPqOptions options = faiss_ivfpq_options(rows, columns);
  options.lists_searched = 1;
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank_, options);
  const PatchMatrix few = test::clustered_patches(3, columns, 30, 3);
  test::expect_exact_distances(*index, bank_, few, rows);
  EXPECT_EQ(test::recall(*index, bank_, few, rows), 1);
}

TEST_F(NearestNeighboursFaissIvfPq, IsTheSameEveryTime) {
  const auto first = make_nearest_neighbours_faiss_ivfpq(bank_);
  const auto second = make_nearest_neighbours_faiss_ivfpq(bank_);
  test::expect_same_results(*first, *second, queries_, 4);
}

TEST_F(NearestNeighboursFaissIvfPq, ServesBanksOfAnyShapeThatItCanTrain) {
  for (const std::size_t small : {smallest_ivfpq_bank, std::size_t{300}}) {
    // A prime has no parts but single columns.
    for (const std::size_t width : {1U, 13U, 97U}) {
      SCOPED_TRACE(std::to_string(small) + " x " + std::to_string(width));
      const PatchMatrix bank = test::random_patches(small, width, 1);
      const auto index = make_nearest_neighbours_faiss_ivfpq(bank);
      test::expect_exact_distances(*index, bank, test::random_patches(20, width, 2), 2);
    }
  }
}

TEST_F(NearestNeighboursFaissIvfPq, ServesABankOfEqualPatches) {
  PatchMatrix bank{200, 4, std::vector<float>(800, 0.5F)};
  const auto index = make_nearest_neighbours_faiss_ivfpq(bank);
  test::expect_exact_distances(*index, bank, test::random_patches(5, 4, 2), 3);
}

TEST_F(NearestNeighboursFaissIvfPq, ChoosesWhatABankCanTrain) {
  const FaissIvfPqOptions smallest = faiss_ivfpq_options(smallest_ivfpq_bank, 4);
  EXPECT_EQ(smallest.lists, 2U);
  EXPECT_EQ(smallest.lists_searched, 2U);
  EXPECT_EQ(smallest.bits, 1U);
  const FaissIvfPqOptions usual = faiss_ivfpq_options(16384, 1024);
  EXPECT_EQ(usual.lists, 128U);
  EXPECT_EQ(usual.lists_searched, 16U);
  EXPECT_EQ(usual.parts, 64U);
  EXPECT_EQ(usual.bits, 8U);
  // 152 = 8 * 19.
  EXPECT_EQ(faiss_ivfpq_options(16384, 152).parts, 38U);
}

TEST_F(NearestNeighboursFaissIvfPq, RefusesABankThatIsTooSmall) {
  const PatchMatrix bank = test::random_patches(smallest_ivfpq_bank - 1, 16, 1);
  EXPECT_ERROR(make_nearest_neighbours_faiss_ivfpq(bank), invalid_argument,
               "78 patches of the bank or more, this one has 77");
  EXPECT_ERROR(make_nearest_neighbours_faiss_ivfpq({}), invalid_argument, "can't be searched");
}

TEST_F(NearestNeighboursFaissIvfPq, RefusesABankThatIsNotFinite) {
  PatchMatrix bank = test::random_patches(100, 16, 1);
  bank.values[20] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(make_nearest_neighbours_faiss_ivfpq(bank), Error);
}

TEST_F(NearestNeighboursFaissIvfPq, RefusesParametersThatFaissRefuses) {
  FaissIvfPqOptions options = faiss_ivfpq_options(rows, columns);
  options.parts = 3;
  EXPECT_ERROR(make_nearest_neighbours_faiss_ivfpq(bank_, options), internal, "FAISS failed");
}

TEST_F(NearestNeighboursFaissIvfPq, RefusesQueriesThatDoNotFit) {
  test::expect_refusals(*make_nearest_neighbours_faiss_ivfpq(bank_), rows);
}

}  // namespace patchcore
