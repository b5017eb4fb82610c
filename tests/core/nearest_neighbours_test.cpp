// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the choice of the index.
#include "core/nearest_neighbours.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {

TEST(NearestNeighbours, AreTheSameWhateverTheIndex) {
  use_threads(0);
  // One for which screening pays, one for which it does not, and one that is almost nothing.
  PatchMatrix flat = test::random_patches(3000, 96, 1);
  for (std::size_t i = 0; i < flat.values.size(); ++i) {
    if (i % 96 >= 8) flat.values[i] *= 0.02F;
  }
  const PatchMatrix banks[] = {flat, test::random_patches(2000, 96, 2),
                               test::patches_of({{1, 2}, {4, 6}})};
  for (const PatchMatrix& bank : banks) {
    SCOPED_TRACE(bank.rows);
    const PatchMatrix queries = test::random_patches(50, bank.columns, 3);
    Neighbours expected;
    make_nearest_neighbours(bank, IndexKind::faiss_flat)->search(queries, 2, expected);
    for (const IndexKind kind : {IndexKind::automatic, IndexKind::screened}) {
      Neighbours found;
      make_nearest_neighbours(bank, kind)->search(queries, 2, found);
      EXPECT_EQ(found.indices, expected.indices);
      EXPECT_EQ(found.distances, expected.distances);
    }
  }
}

TEST(NearestNeighbours, TakeTheDirectionsOfTheBankFile) {
  const PatchMatrix bank = test::random_patches(100, 12, 1);
  const PatchMatrix queries = test::random_patches(20, 12, 2);
  Neighbours expected;
  make_nearest_neighbours(bank, IndexKind::faiss_flat)->search(queries, 1, expected);
  Neighbours found;
  make_nearest_neighbours(bank, IndexKind::automatic, principal_directions(bank, 4))
      ->search(queries, 1, found);
  EXPECT_EQ(found.indices, expected.indices);

  PrincipalDirections others = principal_directions(test::random_patches(100, 11, 1), 4);
  EXPECT_ERROR(make_nearest_neighbours(bank, IndexKind::automatic, others), invalid_argument,
               "does not fit");
}

// The choice shows in that this LibTorch cannot compute on a GPU.
TEST(NearestNeighbours, AreSearchedForOnTheDeviceUnlessTheIndexIsNamed) {
  if (device_support().cuda_devices > 0) GTEST_SKIP() << "a GPU is here, and it works";
  const PatchMatrix bank = test::random_patches(100, 12, 1);
  const PrincipalDirections directions = principal_directions(bank, 4);
  const Device gpu = {DeviceKind::cuda, 0};
  for (const PrincipalDirections& given : {PrincipalDirections(), directions}) {
    EXPECT_ERROR(make_nearest_neighbours(bank, IndexKind::automatic, given, gpu), internal,
                 "on cuda:0");
    for (const IndexKind kind : {IndexKind::screened, IndexKind::faiss_flat}) {
      EXPECT_NO_THROW(make_nearest_neighbours(bank, kind, given, gpu));
    }
  }
}

// Of so small a bank the approximate ones see all.
TEST(NearestNeighbours, AreOfTheKindThatIsAskedFor) {
  const PatchMatrix bank = test::random_patches(100, 12, 1);
  const PatchMatrix queries = test::random_patches(20, 12, 2);
  Neighbours expected;
  make_nearest_neighbours(bank, IndexKind::faiss_flat)->search(queries, 1, expected);
  for (const IndexKind kind : {IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    Neighbours found;
    make_nearest_neighbours(bank, kind)->search(queries, 1, found);
    EXPECT_EQ(found.queries, 20U);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_GE(found.distances[i], expected.distances[i]);
  }
}

TEST(NearestNeighbours, SayEarlyThatABankIsTooSmall) {
  for (const IndexKind kind :
       {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat, IndexKind::faiss_hnsw}) {
    EXPECT_NO_THROW(check_bank_size(kind, 1));
  }
  EXPECT_NO_THROW(check_bank_size(IndexKind::faiss_ivfpq, 78));
  EXPECT_ERROR(check_bank_size(IndexKind::faiss_ivfpq, 77), invalid_argument, "this one has 77");
}

TEST(NearestNeighbours, RefuseABankThatCannotBeSearched) {
  for (const IndexKind kind : {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat,
                               IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    EXPECT_ERROR(make_nearest_neighbours({}, kind), invalid_argument, "can't be searched");
  }
}

}  // namespace patchcore
