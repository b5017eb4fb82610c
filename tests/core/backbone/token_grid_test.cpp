// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of tokens: a grid that is off by one would put every defect elsewhere.
#include "core/backbone/token_grid.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

void expect_grid(std::int64_t tokens, Size input, Size grid, std::int64_t other_tokens) {
  const std::optional<TokenGrid> found = find_token_grid(tokens, input);
  ASSERT_TRUE(found) << tokens;
  EXPECT_EQ(found->size, grid);
  EXPECT_EQ(found->other_tokens, other_tokens);
}

}  // namespace

TEST(TokenGrid, IsThatOfKnownTransformers) {
  expect_grid(197, {224, 224}, {14, 14}, 1);   // ViT-B/16
  expect_grid(198, {224, 224}, {14, 14}, 2);   // DeiT, distilled
  expect_grid(50, {224, 224}, {7, 7}, 1);      // ViT-B/32
  expect_grid(1370, {518, 518}, {37, 37}, 1);  // DINOv2
  expect_grid(261, {224, 224}, {16, 16}, 5);   // DINOv2 with registers, patches of 14
  expect_grid(3136, {224, 224}, {56, 56}, 0);  // Swin, first stage
  expect_grid(784, {224, 224}, {28, 28}, 0);   // Swin, second stage
}

TEST(TokenGrid, FollowsTheAspect) {
  expect_grid(16 * 12 + 1, {256, 192}, {16, 12}, 1);
  expect_grid(22 * 12, {352, 192}, {22, 12}, 0);
}

TEST(TokenGrid, IsNoneWhereTokensAreLeftOver) {
  EXPECT_FALSE(find_token_grid(230, {224, 224}));  // 196 and 34
  EXPECT_FALSE(find_token_grid(0, {224, 224}));
  EXPECT_FALSE(find_token_grid(-1, {224, 224}));
  EXPECT_FALSE(find_token_grid(197, {227, 223}));  // no patch divides these
}

}  // namespace patchcore
