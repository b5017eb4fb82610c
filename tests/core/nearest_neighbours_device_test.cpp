// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the search on a device, with the processor for one: it finds exactly what comparing with
// every patch finds, whatever the rounding of the products is.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include "core/nearest_neighbours.h"
#include "core/threads.h"
#include "tests/support/direct_search.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr Device cpu = {DeviceKind::cpu, 0};

/// A GPU where there is one.
std::vector<Device> devices() {
  use_threads(0);
  std::vector<Device> all = {cpu};
  if (device_support().cuda_devices > 0) all.push_back({DeviceKind::cuda, 0});
  return all;
}

/// Transforms every value.
template <typename Change>
PatchMatrix changed(PatchMatrix patches, Change&& change) {
  for (std::size_t i = 0; i < patches.values.size(); ++i) {
    patches.values[i] = change(patches.values[i], i / patches.columns);
  }
  return patches;
}

void expect_exact(const PatchMatrix& bank, const PatchMatrix& queries, std::size_t k) {
  const Neighbours expected = test::compare_with_all(bank, queries, k);
  for (const Device& device : devices()) {
    SCOPED_TRACE(device_name(device));
    Neighbours found;
    make_nearest_neighbours_device(bank, device)->search(queries, k, found);
    EXPECT_EQ(found.queries, queries.rows);
    EXPECT_EQ(found.k, k);
    EXPECT_EQ(found.indices, expected.indices);
    EXPECT_EQ(found.distances, expected.distances);
  }
}

}  // namespace

TEST(NearestNeighboursDevice, FindsWhatComparingWithAllFinds) {
  for (const std::size_t columns : {1U, 3U, 64U, 152U}) {
    const PatchMatrix bank = test::random_patches(300, columns, 1);
    for (const std::size_t queries : {1U, 70U}) {
      for (const std::size_t k : {1U, 5U, 300U}) {
        expect_exact(bank, test::random_patches(queries, columns, 2), k);
      }
    }
  }
}

TEST(NearestNeighboursDevice, FindsThePatchesOfTheBankItself) {
  const PatchMatrix bank = test::random_patches(200, 40, 1);
  expect_exact(bank, bank, 2);
}

TEST(NearestNeighboursDevice, IsExactFarFromTheOrigin) {
  const PatchMatrix bank =
      changed(test::random_patches(200, 16, 1), [](float x, std::size_t) { return 3000 + x; });
  expect_exact(bank, bank, 3);
}

// The sums of neighbours differ by far less than their rounding: an order by them is no order.
TEST(NearestNeighboursDevice, IsExactWhereProductsRoundTheDifferencesAway) {
  const auto two_clusters = [](float x, std::size_t row) {
    return (row % 2 == 0 ? 100.0F : -100.0F) + 1e-3F * x;
  };
  expect_exact(changed(test::random_patches(400, 32, 1), two_clusters),
               changed(test::random_patches(50, 32, 2), two_clusters), 4);
}

TEST(NearestNeighboursDevice, IsExactForQueriesFarFromTheBank) {
  const PatchMatrix bank = test::random_patches(300, 24, 1);
  for (const float factor : {1e-6F, 100.0F, 1e6F}) {
    expect_exact(
        bank,
        changed(test::random_patches(20, 24, 2), [&](float x, std::size_t) { return factor * x; }),
        2);
  }
}

// From denormal ones to those whose sums would overflow.
TEST(NearestNeighboursDevice, IsExactForAllLengthsAtOnce) {
  const auto scale = [](float x, std::size_t row) {
    constexpr float factors[] = {1e-42F, 1e-22F, 1e-10F, 1, 1e10F, 1e17F, 3e18F};
    return factors[row % 7] * x;
  };
  expect_exact(changed(test::random_patches(140, 8, 1), scale),
               changed(test::random_patches(70, 8, 2), scale), 3);
}

TEST(NearestNeighboursDevice, TakesTheFirstOfEqualPatches) {
  PatchMatrix bank = test::random_patches(100, 12, 1);
  bank.values.insert(bank.values.end(), bank.values.begin(), bank.values.begin() + 100 * 12);
  bank.rows = 200;
  expect_exact(bank, test::random_patches(20, 12, 2), 3);

  const PatchMatrix equal{50, 4, std::vector<float>(200, 0.1F)};
  expect_exact(equal, test::random_patches(3, 4, 1), 2);
  expect_exact(equal, equal, 1);
}

TEST(NearestNeighboursDevice, SearchesTheSmallestBank) {
  expect_exact(test::patches_of({{1, 2}}), test::patches_of({{1, 2}, {3, 4}}), 1);
}

// More pairs than one matrix product takes.
TEST(NearestNeighboursDevice, SearchesInBlocks) {
  const PatchMatrix bank = test::random_patches(40000, 4, 1);
  const PatchMatrix queries = test::random_patches(900, 4, 2);
  Neighbours expected;
  make_nearest_neighbours_faiss(bank)->search(queries, 1, expected);
  for (const Device& device : devices()) {
    Neighbours found;
    make_nearest_neighbours_device(bank, device)->search(queries, 1, found);
    EXPECT_EQ(found.indices, expected.indices);
    EXPECT_EQ(found.distances, expected.distances);
  }
}

TEST(NearestNeighboursDevice, SearchesForSeveralThreadsAtOnce) {
  const PatchMatrix bank = test::random_patches(500, 32, 1);
  const PatchMatrix queries = test::random_patches(60, 32, 2);
  const Neighbours expected = test::compare_with_all(bank, queries, 2);
  for (const Device& device : devices()) {
    const auto index = make_nearest_neighbours_device(bank, device);
    std::vector<Neighbours> found(3);
    std::vector<std::thread> threads;
    for (Neighbours& result : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) index->search(queries, 2, result);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Neighbours& result : found) EXPECT_EQ(result.indices, expected.indices);
  }
}

TEST(NearestNeighboursDevice, FindsNothingForNoQueries) {
  Neighbours found;
  make_nearest_neighbours_device(test::patches_of({{0, 0}}), cpu)->search({0, 2, {}}, 1, found);
  EXPECT_EQ(found.queries, 0U);
  EXPECT_TRUE(found.distances.empty());
}

TEST(NearestNeighboursDevice, RefusesWhatItCannotSearchFor) {
  const PatchMatrix bank = test::patches_of({{0, 0}, {3, 4}});
  const auto index = make_nearest_neighbours_device(bank, cpu);
  const PatchMatrix query = test::patches_of({{1, 1}});
  Neighbours found;
  EXPECT_ERROR(index->search(query, 0, found), invalid_argument, "ask for 1 to 2");
  EXPECT_ERROR(index->search(query, 3, found), invalid_argument, "ask for 1 to 2");
  EXPECT_ERROR(index->search(test::patches_of({{1, 2, 3}}), 1, found), invalid_argument, "1 x 3");
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(index->search(test::patches_of({{1, nan}}), 1, found), invalid_argument, "finite");
}

TEST(NearestNeighboursDevice, RefusesABankThatCannotBeSearched) {
  EXPECT_ERROR(make_nearest_neighbours_device({}, cpu), invalid_argument, "can't be searched");
}

// As a GPU that fails would.
TEST(NearestNeighboursDevice, SaysThatTheDeviceFailed) {
  if (device_support().cuda_devices > 0) GTEST_SKIP() << "a GPU is here, and it works";
  const PatchMatrix bank = test::patches_of({{0, 0}, {3, 4}});
  EXPECT_ERROR(make_nearest_neighbours_device(bank, {DeviceKind::cuda, 0}), internal,
               "LibTorch failed on cuda:0 to make the index of 2 x 2 patches");
}

}  // namespace patchcore
