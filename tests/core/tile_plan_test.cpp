// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the way from the tiles' patches to one map: every position has its patches, at their
// place, and seams leave no step.
#include "core/tile_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

/// Where each patch of a plan without ignored patches lies in the part, pixels.
struct Place {
  double x;
  double y;
};

std::vector<Place> places(const TilePlan& plan, const TileLayout& layout, PatchGrid tile_grid) {
  std::vector<Place> all;
  for (const Tile& tile : plan.tiles) {
    for (int row = 0; row < tile_grid.height; ++row) {
      for (int column = 0; column < tile_grid.width; ++column) {
        all.push_back(
            {tile.rect.x - layout.part().x + (column + 0.5) * tile.rect.width / tile_grid.width,
             tile.rect.y - layout.part().y + (row + 0.5) * tile.rect.height / tile_grid.height});
      }
    }
  }
  return all;
}

}  // namespace

TEST(TilePlan, GivesEveryPositionPatchesOfItsPlace) {
  for (const Size size : {Size{513, 512}, Size{512, 700}, Size{1000, 40}, Size{1025, 1025},
                          Size{4096, 3000}, Size{1023, 769}, Size{640, 480}}) {
    for (const double overlap : {0.0, 0.02, 0.125, 0.5}) {
      for (const int tile : {100, 256, 500}) {
        for (const int cells : {1, 3, 28, 32}) {
          SCOPED_TRACE(testing::Message() << size_text(size) << " in " << tile << ", " << overlap
                                          << ", " << cells << " cells");
          const TileLayout layout({64, 32, size.width, size.height}, tile, overlap);
          const PatchGrid tile_grid = {std::max(1, cells * layout.tile().height / tile), cells};
          const TilePlan plan = plan_tiles(layout, tile_grid, {256, 256}, {});
          const PatchBlending& blending = *plan.blending;
          ASSERT_EQ(plan.tiles.size(), layout.columns().size() * layout.rows().size());
          ASSERT_EQ(blending.positions,
                    static_cast<std::size_t>(plan.grid.width) * plan.grid.height);
          const std::vector<Place> of_patches = places(plan, layout, tile_grid);
          ASSERT_EQ(blending.position.size(), of_patches.size());
          const double cell_width = static_cast<double>(size.width) / plan.grid.width;
          const double cell_height = static_cast<double>(size.height) / plan.grid.height;
          std::vector<double> sums(blending.positions);
          double farthest = 0;
          for (std::size_t i = 0; i < of_patches.size(); ++i) {
            ASSERT_LT(blending.position[i], blending.positions);
            ASSERT_GT(blending.weight[i], 0);
            sums[blending.position[i]] += blending.weight[i];
            const double x = (blending.position[i] % plan.grid.width + 0.5) * cell_width;
            const double y = (blending.position[i] / plan.grid.width + 0.5) * cell_height;
            farthest = std::max({farthest, std::abs(x - of_patches[i].x) / cell_width,
                                 std::abs(y - of_patches[i].y) / cell_height});
          }
          EXPECT_LT(farthest, 1);
          for (const double sum : sums) ASSERT_NEAR(sum, 1, 1e-5);
        }
      }
    }
  }
}

TEST(TilePlan, PutsPatchesExactlyWhereTheGridsAgree) {
  const TileLayout layout({0, 0, 960, 512}, 512, 0.125);
  const TilePlan plan = plan_tiles(layout, {32, 32}, {256, 256}, {});
  EXPECT_EQ(plan.grid.width, 60);
  EXPECT_EQ(plan.grid.height, 32);
  EXPECT_EQ(plan.input_size, (Size{480, 256}));
  const PatchBlending& blending = *plan.blending;
  // The second tile begins 448 pixels, 28 cells to the right.
  EXPECT_EQ(blending.position[0], 0U);
  EXPECT_EQ(blending.position[31], 31U);
  EXPECT_EQ(blending.position[32], 60U);
  EXPECT_EQ(blending.position[32 * 32], 28U);
  // Across the overlap of four cells the weight goes over linearly.
  for (int cell = 0; cell < 4; ++cell) {
    EXPECT_FLOAT_EQ(blending.weight[32 * 32 + cell], (cell + 0.5F) / 4);
    EXPECT_FLOAT_EQ(blending.weight[28 + cell], 1 - (cell + 0.5F) / 4);
  }
  EXPECT_EQ(blending.weight[27], 1);
  EXPECT_EQ(blending.weight[32 * 32 + 4], 1);
}

// Two tiles that see the same thing a little differently, as networks do near edges.
TEST(TilePlan, LeavesNoStepAtASeam) {
  const TileLayout layout({0, 0, 960, 960}, 512, 0.125);
  const PatchGrid tile_grid = {64, 64};
  const TilePlan plan = plan_tiles(layout, tile_grid, {512, 512}, {});
  const std::vector<Place> of_patches = places(plan, layout, tile_grid);
  const auto smooth = [](const Place& place) {
    return 2 + std::sin(place.x / 200 + place.y / 150);
  };
  constexpr double difference = 0.4;
  std::vector<float> scores;
  for (std::size_t i = 0; i < of_patches.size(); ++i) {
    const std::size_t tile = i / (64 * 64);
    const double of_tile = (tile % 2 + tile / 2) % 2 == 0 ? difference : 0;
    scores.push_back(static_cast<float>(smooth(of_patches[i]) + of_tile));
  }
  const std::vector<float> map = blend(*plan.blending, scores);
  float largest_step = 0;
  for (int row = 0; row + 1 < plan.grid.height; ++row) {
    for (int column = 0; column + 1 < plan.grid.width; ++column) {
      const float here = map[static_cast<std::size_t>(row) * plan.grid.width + column];
      const float right = map[static_cast<std::size_t>(row) * plan.grid.width + column + 1];
      const float below = map[static_cast<std::size_t>(row + 1) * plan.grid.width + column];
      largest_step = std::max({largest_step, std::abs(right - here), std::abs(below - here)});
    }
  }
  // The overlap has eight cells; the wave itself rises by 8/150 a cell at most.
  EXPECT_LT(largest_step, difference / 8 + 8.0 / 150 + 0.01);
}

TEST(TilePlan, LeavesOutWhatIsIgnored) {
  const TileLayout layout({0, 0, 96, 32}, 32, 0);
  const PatchGrid tile_grid = {4, 4};
  const PatchGrid grid = common_grid(layout, tile_grid);
  ASSERT_EQ(grid.width, 12);
  ASSERT_EQ(grid.height, 4);
  IgnoredPatches ignored(48);
  for (int row = 0; row < 4; ++row) {
    // All of the first tile, one column of the second.
    for (int column = 0; column < 5; ++column) ignored[12 * row + column] = 1;
  }
  const TilePlan plan = plan_tiles(layout, tile_grid, {64, 64}, ignored);
  ASSERT_EQ(plan.tiles.size(), 2U);
  EXPECT_EQ(plan.tiles[0].rect.x, 32);
  EXPECT_EQ(plan.tiles[0].ignored,
            (IgnoredPatches{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_TRUE(plan.tiles[1].ignored.empty());
  EXPECT_EQ(plan.blending->positions, 28U);
  EXPECT_EQ(plan.blending->position.size(), 28U);
  // Seven positions a row are left.
  EXPECT_EQ(plan.blending->position[3], 7U);
  EXPECT_EQ(plan.blending->position[12], 3U);
  EXPECT_EQ(plan.blending->position.back(), 27U);
}

TEST(TilePlan, BoundsWhatHeatmapsAreDrawnAt) {
  const TileLayout layout({0, 0, 4096, 3000}, 256, 0.125);
  EXPECT_EQ(plan_tiles(layout, {8, 8}, {256, 256}, {}).input_size, (Size{1024, 750}));
  const TileLayout line({0, 0, 100'000, 32}, 32, 0);
  EXPECT_EQ(plan_tiles(line, {1, 1}, {256, 256}, {}).input_size, (Size{1024, 32}));
}

TEST(TilePlan, RefusesMorePatchesThanMemoryHolds) {
  const TileLayout layout({0, 0, 30'000, 30'000}, 32, 0);
  EXPECT_ERROR(plan_tiles(layout, {32, 32}, {256, 256}, {}), unsupported_frame,
               "30000x30000 pixels in tiles of 32x32");
}

}  // namespace patchcore
