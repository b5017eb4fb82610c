// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how large pictures are cut: nothing is left out, and neighbours overlap as asked.
#include "core/tile_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace patchcore {

TEST(TileLayout, CoversEveryLengthWithTheOverlap) {
  for (const int tile : {2, 3, 32, 33, 100, 511, 512}) {
    for (const double overlap : {0.0, 0.01, 0.125, 0.3, 0.5}) {
      const int least = static_cast<int>(std::ceil(overlap * tile));
      for (const int length :
           {1, 2, 3, 31, 32, 33, 64, 65, 511, 512, 513, 1023, 1025, 3000, 4096, 65535, 100'003}) {
        SCOPED_TRACE(testing::Message() << length << " in " << tile << ", " << overlap);
        const std::vector<int> begins = lay_tiles(length, tile, overlap);
        ASSERT_EQ(begins.front(), 0);
        if (length <= tile) {
          EXPECT_EQ(begins.size(), 1U);
          continue;
        }
        ASSERT_EQ(begins.back(), length - tile);
        int shortest = tile;
        int longest = 0;
        for (std::size_t i = 1; i < begins.size(); ++i) {
          const int step = begins[i] - begins[i - 1];
          shortest = std::min(shortest, step);
          longest = std::max(longest, step);
        }
        EXPECT_GE(shortest, 1);
        EXPECT_LE(longest, tile - least);
        EXPECT_LE(longest - shortest, 1);
        // With one less, two would overlap too little.
        EXPECT_LT((begins.size() - 2) * (tile - least), static_cast<std::size_t>(length - tile));
      }
    }
  }
}

TEST(TileLayout, IsThatOfTheExample) {
  EXPECT_EQ(lay_tiles(1000, 512, 0.125), (std::vector<int>{0, 244, 488}));
  EXPECT_EQ(lay_tiles(960, 512, 0.125), (std::vector<int>{0, 448}));
  EXPECT_EQ(lay_tiles(1024, 512, 0), (std::vector<int>{0, 512}));
  EXPECT_EQ(lay_tiles(4096, 512, 0.125).size(), 9U);
  EXPECT_EQ(lay_tiles(3000, 512, 0.125).size(), 7U);
}

TEST(TileLayout, LiesInItsPartOfTheFrame) {
  const TileLayout layout({100, 50, 700, 400}, 512, 0.125);
  EXPECT_FALSE(layout.is_whole());
  EXPECT_EQ(layout.tile(), (Size{512, 400}));
  ASSERT_EQ(layout.columns().size(), 2U);
  ASSERT_EQ(layout.rows().size(), 1U);
  EXPECT_EQ(layout.rect(0, 0), (Rect{100, 50, 512, 400}));
  EXPECT_EQ(layout.rect(0, 1), (Rect{288, 50, 512, 400}));
}

TEST(TileLayout, LeavesWhatIsNotLargerThanATileInOnePiece) {
  for (const Size size : {Size{1, 1}, Size{512, 512}, Size{511, 100}}) {
    const TileLayout layout({7, 9, size.width, size.height}, 512, 0.5);
    EXPECT_TRUE(layout.is_whole());
    EXPECT_EQ(layout.rect(0, 0), (Rect{7, 9, size.width, size.height}));
  }
  EXPECT_FALSE(TileLayout({0, 0, 512, 513}, 512, 0).is_whole());
}

}  // namespace patchcore
