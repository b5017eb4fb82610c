// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the directions that the screened search looks along, and the choice of their number.
#include "core/principal_directions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

/// Long along a few directions, short along the others.
PatchMatrix flat_patches(std::size_t rows, std::size_t columns, std::size_t long_directions) {
  PatchMatrix patches = test::random_patches(rows, columns, 5);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = long_directions; j < columns; ++j) patches.row(i)[j] *= 0.01F;
  }
  return patches;
}

}  // namespace

TEST(PrincipalDirections, AreThoseOfTheLargestVariance) {
  const PatchMatrix patches = test::patches_of({{10, 1, 5}, {10, -1, 5}, {13, 0, 5}, {7, 0, 5}});
  const PrincipalDirections found = principal_directions(patches, 2);
  EXPECT_EQ(found.mean, (std::vector<float>{10, 0, 5}));
  ASSERT_EQ(found.directions.rows, 2U);
  ASSERT_EQ(found.directions.columns, 3U);
  EXPECT_NEAR(std::abs(found.directions.row(0)[0]), 1, 1e-6);
  EXPECT_NEAR(std::abs(found.directions.row(1)[1]), 1, 1e-6);
  EXPECT_NO_THROW(check_principal_directions(found, 3));
}

TEST(PrincipalDirections, AreOrthonormal) {
  use_threads(0);
  const PrincipalDirections found = principal_directions(test::random_patches(500, 120, 1), 64);
  EXPECT_LT(deviation_from_orthonormal(found.directions), 1e-4);
}

TEST(PrincipalDirections, AreAsManyAsTheBankNeeds) {
  use_threads(0);
  const PatchMatrix flat = flat_patches(4000, 128, 8);
  const PrincipalDirections chosen = choose_principal_directions(flat);
  EXPECT_GE(chosen.directions.rows, 32U);
  EXPECT_LE(chosen.directions.rows, 64U);
  const PrincipalDirections again = choose_principal_directions(flat);
  EXPECT_EQ(again.directions.values, chosen.directions.values);
}

TEST(PrincipalDirections, AreNoneWhereScreeningDoesNotPay) {
  use_threads(0);
  // No direction matters more than another.
  EXPECT_EQ(choose_principal_directions(test::random_patches(3000, 400, 1)).directions.rows, 0U);
  EXPECT_EQ(choose_principal_directions(test::random_patches(3000, 4, 1)).directions.rows, 0U);
  EXPECT_EQ(choose_principal_directions({}).directions.rows, 0U);
}

TEST(PrincipalDirections, OfEqualPatchesAreStillOrthonormal) {
  PatchMatrix equal{40, 16, std::vector<float>(40 * 16, 3)};
  EXPECT_LT(deviation_from_orthonormal(principal_directions(equal, 16).directions), 1e-4);
}

TEST(PrincipalDirections, RefuseWhatIsNoBank) {
  const PatchMatrix bank = test::random_patches(10, 4, 1);
  EXPECT_ERROR(principal_directions(bank, 0), invalid_argument, "10 x 4");
  EXPECT_ERROR(principal_directions(bank, 5), invalid_argument, "10 x 4");
  EXPECT_ERROR(principal_directions({}, 1), invalid_argument, "0 x 0");
  PatchMatrix broken = test::random_patches(10, 40, 1);
  broken.values[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(choose_principal_directions(broken), invalid_argument, "not finite");
}

TEST(PrincipalDirections, AreCheckedBeforeTheyAreTrusted) {
  const PrincipalDirections good = principal_directions(test::random_patches(50, 6, 1), 3);
  EXPECT_NO_THROW(check_principal_directions(good, 6));
  EXPECT_ERROR(check_principal_directions(good, 7), invalid_argument, "does not fit");
  EXPECT_ERROR(check_principal_directions({}, 6), invalid_argument, "does not fit");
  PrincipalDirections bad = good;
  bad.mean.pop_back();
  EXPECT_ERROR(check_principal_directions(bad, 6), invalid_argument, "does not fit");
  bad = good;
  bad.mean[2] = std::numeric_limits<float>::infinity();
  EXPECT_ERROR(check_principal_directions(bad, 6), invalid_argument, "not finite");
  bad = good;
  bad.directions.values[3] += 0.1F;
  EXPECT_ERROR(check_principal_directions(bad, 6), invalid_argument, "not orthonormal");
  bad.directions.values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(check_principal_directions(bad, 6), invalid_argument, "not orthonormal");
}

}  // namespace patchcore
