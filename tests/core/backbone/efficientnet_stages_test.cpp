// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the rounding of scaled networks: a channel too many is another network.
#include "core/backbone/efficientnet_stages.h"

#include <gtest/gtest.h>

namespace patchcore {

TEST(EfficientnetStages, ChannelsAreMultiplesOfEight) {
  EXPECT_EQ(scaled_channels(32, 1.0), 32);
  EXPECT_EQ(scaled_channels(24, 1.1), 24);    // 26.4
  EXPECT_EQ(scaled_channels(40, 1.1), 48);    // 44 is as near to 40 as to 48
  EXPECT_EQ(scaled_channels(112, 1.2), 136);  // 134.4
  EXPECT_EQ(scaled_channels(320, 2.0), 640);
}

TEST(EfficientnetStages, ChannelsLoseNoMoreThanATenth) {
  EXPECT_EQ(scaled_channels(16, 0.7), 16);  // 11.2 would become 8
  EXPECT_EQ(scaled_channels(1, 1.0), 8);
}

TEST(EfficientnetStages, BlocksAreRoundedUp) {
  EXPECT_EQ(scaled_blocks(1, 1.0), 1);
  EXPECT_EQ(scaled_blocks(3, 1.1), 4);
  EXPECT_EQ(scaled_blocks(4, 3.1), 13);
}

}  // namespace patchcore
