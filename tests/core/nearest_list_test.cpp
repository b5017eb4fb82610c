// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the order of the nearest rows, which all searches share.
#include "core/nearest_list.h"

#include <gtest/gtest.h>

#include <vector>

namespace patchcore {
namespace {

class NearestListTest : public testing::Test {
 protected:
  std::vector<float> distances_{-1, -1, -1, -1};
  std::vector<std::int64_t> indices_{-1, -1, -1, -1};
  NearestList list_{distances_.data(), indices_.data(), 3};
};

}  // namespace

TEST_F(NearestListTest, KeepsTheNearestInOrder) {
  EXPECT_TRUE(list_.add(5, 0));
  EXPECT_TRUE(list_.add(2, 1));
  EXPECT_EQ(list_.found, 2U);
  EXPECT_TRUE(list_.add(9, 2));
  EXPECT_TRUE(list_.add(1, 3));
  EXPECT_FALSE(list_.add(6, 4));
  EXPECT_EQ(list_.found, 3U);
  EXPECT_EQ(distances_, (std::vector<float>{1, 2, 5, -1}));
  EXPECT_EQ(indices_, (std::vector<std::int64_t>{3, 1, 0, -1}));
}

TEST_F(NearestListTest, OfEqualDistancesTheSmallerIndexComesFirst) {
  for (const std::int64_t index : {7, 3, 5, 4}) list_.add(2, index);
  EXPECT_EQ(indices_, (std::vector<std::int64_t>{3, 4, 5, -1}));
  EXPECT_FALSE(list_.add(2, 6));
  EXPECT_TRUE(list_.add(2, 0));
  EXPECT_EQ(indices_, (std::vector<std::int64_t>{0, 3, 4, -1}));
}

TEST_F(NearestListTest, MayHaveRoomForOne) {
  list_.k = 1;
  EXPECT_TRUE(list_.add(3, 0));
  EXPECT_FALSE(list_.add(4, 1));
  EXPECT_TRUE(list_.add(2, 2));
  EXPECT_EQ(indices_, (std::vector<std::int64_t>{2, -1, -1, -1}));
  EXPECT_EQ(list_.found, 1U);
}

}  // namespace patchcore
