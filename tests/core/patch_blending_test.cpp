// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the means of patches that lie over each other.
#include "core/patch_blending.h"

#include <gtest/gtest.h>

namespace patchcore {

TEST(PatchBlending, WeighsThePatchesOfAPosition) {
  const PatchBlending blending = {3, {0, 1, 1, 2}, {1, 0.25F, 0.75F, 1}};
  EXPECT_EQ(blend(blending, {5, 4, 8, 6}), (std::vector<float>{5, 7, 6}));
}

TEST(PatchBlending, NamesTheHighestPatchOfAPosition) {
  const PatchBlending blending = {2, {1, 0, 1, 0, 1}, {0.5F, 0.5F, 0.25F, 0.5F, 0.25F}};
  const std::vector<float> scores = {1, 9, 3, 2, 3};
  EXPECT_EQ(highest_patch(blending, scores, 0), 1U);
  // The first of equal ones.
  EXPECT_EQ(highest_patch(blending, scores, 1), 2U);
}

}  // namespace patchcore
