// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that no thread is left without work, and none has too little of it.
#include "core/backbone/convolution_shares.h"

#include <gtest/gtest.h>

namespace patchcore {

TEST(ConvolutionShares, GiveEveryThreadPositionsIfThereAreEnough) {
  for (const std::size_t threads : {1U, 2U, 3U, 6U, 16U}) {
    EXPECT_EQ(convolution_shares(threads, 100, 8).abreast, threads);
    EXPECT_EQ(convolution_shares(threads, 100, 8).groups, 1U);
  }
}

TEST(ConvolutionShares, ShareChannelsBeyondThat) {
  for (std::size_t threads = 1; threads <= 32; ++threads) {
    for (std::size_t parts = 1; parts <= threads; ++parts) {
      const ConvolutionShares shares = convolution_shares(threads, parts, 64);
      EXPECT_LE(shares.abreast, parts);
      EXPECT_EQ(shares.abreast * shares.groups, threads) << threads << ", " << parts;
    }
  }
}

TEST(ConvolutionShares, AreNoMoreThanTheChannels) {
  EXPECT_EQ(convolution_shares(16, 1, 4).groups, 4U);
  EXPECT_EQ(convolution_shares(16, 1, 4).abreast, 1U);
}

}  // namespace patchcore
