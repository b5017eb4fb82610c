// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the screened search: it finds exactly what comparing with every patch finds, whatever
// the bank, the queries and the directions are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "core/nearest_neighbours.h"
#include "core/patch_matrix.h"
#include "core/threads.h"
#include "tests/support/direct_search.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

using test::compare_with_all;

PatchMatrix shifted(PatchMatrix patches, float by) {
  for (float& value : patches.values) value += by;
  return patches;
}

PatchMatrix scaled(PatchMatrix patches, float by) {
  for (float& value : patches.values) value *= by;
  return patches;
}

PatchMatrix joined(PatchMatrix a, const PatchMatrix& b) {
  a.rows += b.rows;
  a.values.insert(a.values.end(), b.values.begin(), b.values.end());
  return a;
}

/// Around a few centres, and longer in the first columns.
PatchMatrix clustered(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  const PatchMatrix centres = test::random_patches(7, columns, 99);
  PatchMatrix patches = test::random_patches(rows, columns, seed);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      float& value = patches.row(i)[j];
      value = 3 * centres.row(i % 7)[j] + value / static_cast<float>(1 + j);
    }
  }
  return patches;
}

/// Directions that have nothing to do with the bank.
PrincipalDirections first_axes(std::size_t columns, std::size_t count) {
  PrincipalDirections axes;
  axes.mean.assign(columns, 0);
  axes.directions = {count, columns, std::vector<float>(count * columns, 0)};
  for (std::size_t i = 0; i < count; ++i) axes.directions.row(i)[i] = 1;
  return axes;
}

void expect_exact(const PatchMatrix& bank, const PatchMatrix& queries,
                  const PrincipalDirections& directions) {
  for (const std::size_t k : {std::size_t{1}, std::size_t{3}, std::size_t{9}, bank.rows}) {
    if (k > bank.rows) continue;
    const Neighbours expected = compare_with_all(bank, queries, k);
    for (const ScreeningKernel& kernel : screening_kernels()) {
      SCOPED_TRACE(testing::Message() << kernel.instruction_set << ", k " << k);
      Neighbours found;
      make_nearest_neighbours_screened(bank, directions, kernel)->search(queries, k, found);
      EXPECT_EQ(found.queries, queries.rows);
      EXPECT_EQ(found.k, k);
      EXPECT_EQ(found.indices, expected.indices);
      EXPECT_EQ(found.distances, expected.distances);
    }
  }
}

void expect_exact(const PatchMatrix& bank, const PatchMatrix& queries) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{5}, bank.columns}) {
    if (count > bank.columns) continue;
    SCOPED_TRACE(testing::Message() << count << " directions");
    expect_exact(bank, queries, principal_directions(bank, count));
  }
}

}  // namespace

TEST(NearestNeighboursScreened, FindsWhatComparingWithAllFinds) {
  use_threads(0);
  expect_exact(test::random_patches(700, 21, 1), test::random_patches(130, 21, 2));
  expect_exact(clustered(900, 64, 1), clustered(200, 64, 2));
}

TEST(NearestNeighboursScreened, IsExactFarFromTheOrigin) {
  expect_exact(shifted(clustered(400, 32, 1), 1000), shifted(clustered(50, 32, 2), 1000));
}

TEST(NearestNeighboursScreened, IsExactForQueriesFarFromTheBank) {
  expect_exact(clustered(400, 32, 1), shifted(scaled(clustered(50, 32, 2), 100), 500));
}

// The bound's errors are relative to the length: short and long patches side by side.
TEST(NearestNeighboursScreened, IsExactForAllLengthsAtOnce) {
  PatchMatrix bank = clustered(300, 32, 1);
  PatchMatrix queries = clustered(40, 32, 2);
  for (const float factor : {1e-20F, 1e-3F, 1e4F, 1e15F}) {
    bank = joined(bank, scaled(clustered(40, 32, 3), factor));
    queries = joined(queries, scaled(clustered(20, 32, 4), factor));
  }
  expect_exact(bank, queries);
}

// Whose squares fit a float32, while those of the bound would not.
TEST(NearestNeighboursScreened, IsExactForPatchesAlmostTooLarge) {
  const float huge = 1.5e18F;
  expect_exact(joined(test::random_patches(60, 8, 1), scaled(test::random_patches(60, 8, 2), huge)),
               joined(test::random_patches(9, 8, 3), scaled(test::random_patches(9, 8, 4), huge)));
}

// Beside which all other patches are the same to the coordinates of few bits.
TEST(NearestNeighboursScreened, IsExactBesideOnePatchFarAway) {
  for (const float far : {1e4F, 1e10F, 1e17F}) {
    PatchMatrix bank = clustered(300, 48, 1);
    bank.row(123)[1] += far;
    bank.row(124)[40] -= far;
    PatchMatrix queries = clustered(40, 48, 2);
    queries.row(7)[1] += far;
    queries.row(8)[45] += far;
    expect_exact(bank, queries);
  }
}

// Whose squares, and so all distances, are zero.
TEST(NearestNeighboursScreened, IsExactForTheSmallestPatches) {
  const PatchMatrix bank = scaled(clustered(200, 24, 1), 1e-40F);
  expect_exact(bank, scaled(clustered(30, 24, 2), 1e-40F));
  expect_exact(bank, clustered(30, 24, 2));
  expect_exact(joined(bank, clustered(90, 24, 3)), joined(bank, clustered(30, 24, 4)));
}

// Neighbours that differ by the last bit, on a grid where many bounds are equal.
TEST(NearestNeighboursScreened, TellsPatchesApartThatDifferByOneBit) {
  PatchMatrix bank = clustered(400, 40, 1);
  for (float& value : bank.values) value = std::round(value);
  PatchMatrix nudged = bank;
  for (std::size_t i = 0; i < nudged.rows; ++i) {
    float& value = nudged.row(i)[i % 40];
    value = std::nextafter(value, i % 2 == 0 ? 1e9F : -1e9F);
  }
  expect_exact(joined(nudged, bank), bank);
  expect_exact(joined(bank, nudged), nudged);
}

// Around the sizes of panels, and of the blocks of panels that are screened at a time.
TEST(NearestNeighboursScreened, SearchesBanksOfAllSizes) {
  for (const std::size_t rows : {127U, 128U, 129U, 257U}) {
    expect_exact(clustered(rows, 16, 1), clustered(13, 16, 2));
  }
  const PatchMatrix large = clustered(32768 + 200, 16, 1);
  const PatchMatrix queries = joined(clustered(20, 16, 2), copy_rows(large, large.rows - 20, 20));
  for (const std::size_t k : {std::size_t{1}, std::size_t{5}, std::size_t{200}}) {
    const Neighbours expected = compare_with_all(large, queries, k);
    Neighbours found;
    make_nearest_neighbours_screened(large, principal_directions(large, 12))
        ->search(queries, k, found);
    EXPECT_EQ(found.indices, expected.indices) << k;
    EXPECT_EQ(found.distances, expected.distances) << k;
  }
}

TEST(NearestNeighboursScreened, FindsThePatchesOfTheBankItself) {
  const PatchMatrix bank = shifted(clustered(500, 32, 1), 30);
  expect_exact(bank, bank);
}

TEST(NearestNeighboursScreened, TakesTheFirstOfEqualPatches) {
  const PatchMatrix once = clustered(60, 16, 1);
  const PatchMatrix bank = joined(joined(once, once), once);
  expect_exact(bank, once);
  const PatchMatrix equal{50, 4, std::vector<float>(200, 2)};
  expect_exact(equal, test::random_patches(10, 4, 1));
  expect_exact(equal, equal);
}

TEST(NearestNeighboursScreened, SearchesTheSmallestBanks) {
  expect_exact(test::patches_of({{3}}), test::patches_of({{-1}, {3}}));
  expect_exact(test::patches_of({{1, 2, 3}}), test::random_patches(7, 3, 1));
  expect_exact(test::patches_of({{1}, {5}, {2}, {2}}), test::patches_of({{2}, {9}, {3.5F}}));
}

TEST(NearestNeighboursScreened, IsExactAlongAnyDirections) {
  const PatchMatrix bank = shifted(clustered(400, 24, 1), 10);
  const PatchMatrix queries = shifted(clustered(60, 24, 2), 10);
  expect_exact(bank, queries, first_axes(24, 3));
  // As far from orthonormal and from the bank as is taken.
  PrincipalDirections bad = first_axes(24, 2);
  for (float& value : bad.directions.values) value *= 1 + 3e-4F;
  expect_exact(bank, queries, bad);
  bad.mean.assign(24, 1e30F);
  expect_exact(bank, queries, bad);
}

TEST(NearestNeighboursScreened, FindsTheSameWithAnyNumberOfThreads) {
  const PatchMatrix bank = clustered(600, 32, 1);
  const PatchMatrix queries = clustered(500, 32, 2);
  const auto index = make_nearest_neighbours_screened(bank, principal_directions(bank, 8));
  const Neighbours expected = compare_with_all(bank, queries, 2);
  for (const int threads : {1, 2, 5}) {
    use_threads(threads);
    Neighbours found;
    index->search(queries, 2, found);
    EXPECT_EQ(found.indices, expected.indices) << threads;
  }
  use_threads(0);
}

TEST(NearestNeighboursScreened, SearchesForSeveralThreadsAtOnce) {
  const PatchMatrix bank = clustered(600, 32, 1);
  const PatchMatrix queries = clustered(200, 32, 2);
  const auto index = make_nearest_neighbours_screened(bank, principal_directions(bank, 8));
  const Neighbours expected = compare_with_all(bank, queries, 1);
  std::vector<Neighbours> found(3);
  std::vector<std::thread> threads;
  for (Neighbours& result : found) {
    threads.emplace_back([&] {
      use_threads(2);
      for (int i = 0; i < 5; ++i) index->search(queries, 1, result);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Neighbours& result : found) EXPECT_EQ(result.indices, expected.indices);
}

TEST(NearestNeighboursScreened, FindsNothingForNoQueries) {
  const PatchMatrix bank = test::random_patches(20, 4, 1);
  Neighbours found;
  make_nearest_neighbours_screened(bank, principal_directions(bank, 2))
      ->search({0, 4, {}}, 1, found);
  EXPECT_EQ(found.queries, 0U);
  EXPECT_TRUE(found.distances.empty());
}

TEST(NearestNeighboursScreened, RefusesWhatItCannotSearchFor) {
  const PatchMatrix bank = test::random_patches(20, 4, 1);
  const auto index = make_nearest_neighbours_screened(bank, principal_directions(bank, 2));
  PatchMatrix query = test::random_patches(1, 4, 2);
  Neighbours found;
  EXPECT_ERROR(index->search(query, 0, found), invalid_argument, "ask for 1 to 20");
  EXPECT_ERROR(index->search(query, 21, found), invalid_argument, "ask for 1 to 20");
  EXPECT_ERROR(index->search(test::random_patches(1, 3, 2), 1, found), invalid_argument, "1 x 3");
  query.values[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(index->search(query, 1, found), invalid_argument, "not finite");
}

TEST(NearestNeighboursScreened, RefusesABankOrDirectionsThatDoNotFit) {
  const PatchMatrix bank = test::random_patches(20, 4, 1);
  EXPECT_ERROR(make_nearest_neighbours_screened(bank, {}), invalid_argument, "does not fit");
  EXPECT_ERROR(make_nearest_neighbours_screened(bank, first_axes(5, 2)), invalid_argument,
               "does not fit");
  PrincipalDirections skewed = first_axes(4, 2);
  skewed.directions.row(1)[0] = 0.5F;
  EXPECT_ERROR(make_nearest_neighbours_screened(bank, skewed), invalid_argument, "not orthonormal");
  EXPECT_ERROR(make_nearest_neighbours_screened({}, first_axes(4, 2)), invalid_argument, "0 x 0");
}

}  // namespace patchcore
