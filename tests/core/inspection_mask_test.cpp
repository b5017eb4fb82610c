// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the setting mask means: exactly the patches that touch black are ignored.
#include "core/inspection_mask.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "tests/support/expect_error.h"
#include "tests/support/patch_matrices.h"
#include "tests/support/png_files.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

/// White but for some pixels.
InspectionMask make_mask(Size size, const std::vector<std::pair<int, int>>& black) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.width) * size.height, 255);
  for (const auto& [x, y] : black) pixels[static_cast<std::size_t>(y) * size.width + x] = 0;
  return InspectionMask(size, pixels);
}

/// Whether two intervals of real numbers, whose ends are fractions of whole numbers, overlap.
bool overlap(std::int64_t begin_a, std::int64_t end_a, std::int64_t scale_a, std::int64_t begin_b,
             std::int64_t end_b, std::int64_t scale_b) {
  return begin_a * scale_b < end_b * scale_a && begin_b * scale_a < end_a * scale_b;
}

}  // namespace

TEST(InspectionMask, IgnoresTheCellsThatTouchBlack) {
  // Cells of 8 x 8 pixels, one pixel of the mask for each of the frame.
  const InspectionMask mask = make_mask({32, 16}, {{8, 0}, {15, 7}, {31, 15}});
  EXPECT_EQ(mask.ignored({0, 0, 32, 16}, {0, 0, 32, 16}, {2, 4}),
            (IgnoredPatches{0, 1, 0, 0, 0, 0, 0, 1}));
}

TEST(InspectionMask, IsStretchedOverTheFrame) {
  // One pixel of the mask is a quarter of the frame.
  const InspectionMask mask = make_mask({2, 2}, {{1, 0}});
  EXPECT_EQ(mask.ignored({0, 0, 640, 480}, {0, 0, 640, 480}, {2, 4}),
            (IgnoredPatches{0, 0, 1, 1, 0, 0, 0, 0}));
  // A third column of cells reaches into it.
  EXPECT_EQ(mask.ignored({0, 0, 640, 480}, {0, 0, 640, 480}, {1, 3}), (IgnoredPatches{0, 1, 1}));
}

TEST(InspectionMask, KnowsWherePartsOfTheFrameLie) {
  const InspectionMask mask = make_mask({64, 64}, {{40, 40}});
  EXPECT_EQ(mask.ignored({0, 0, 64, 64}, {32, 32, 32, 32}, {2, 2}), (IgnoredPatches{1, 0, 0, 0}));
  EXPECT_EQ(mask.ignored({0, 0, 64, 64}, {24, 24, 32, 32}, {2, 2}), (IgnoredPatches{0, 0, 0, 1}));
  // Stretched over a part that was cut out, of which a piece is outside of the frame.
  EXPECT_EQ(mask.ignored({100, 200, 128, 128}, {100, 200, 128, 96}, {3, 4}),
            (IgnoredPatches{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
}

TEST(InspectionMask, IgnoresNothingWhereItIsWhite) {
  const InspectionMask mask = make_mask({64, 64}, {{0, 0}});
  EXPECT_TRUE(mask.ignored({0, 0, 64, 64}, {32, 32, 32, 32}, {4, 4}).empty());
  EXPECT_TRUE(make_mask({3, 3}, {}).ignored({0, 0, 64, 64}, {0, 0, 64, 64}, {4, 4}).empty());
}

// Exactly the overlap of two rectangles, whatever the sizes.
TEST(InspectionMask, AgreesWithTheDefinition) {
  std::mt19937 random(1);
  const auto number = [&](int lowest, int highest) {
    return std::uniform_int_distribution<int>(lowest, highest)(random);
  };
  for (int round = 0; round < 300; ++round) {
    const Size size = {number(1, 40), number(1, 40)};
    std::vector<std::pair<int, int>> black;
    for (int i = number(0, 4); i > 0; --i) {
      black.emplace_back(number(0, size.width - 1), number(0, size.height - 1));
    }
    const Rect covered = {number(0, 50), number(0, 50), number(1, 90), number(1, 90)};
    Rect shown = covered;
    shown.width = number(1, covered.width);
    shown.height = number(1, covered.height);
    shown.x += number(0, covered.width - shown.width);
    shown.y += number(0, covered.height - shown.height);
    const PatchGrid grid = {number(1, 12), number(1, 12)};
    IgnoredPatches expected;
    for (int row = 0; row < grid.height; ++row) {
      for (int column = 0; column < grid.width; ++column) {
        bool touched = false;
        for (const auto& [x, y] : black) {
          const std::int64_t left = std::int64_t{shown.x - covered.x} * grid.width;
          const std::int64_t top = std::int64_t{shown.y - covered.y} * grid.height;
          touched = touched ||
                    (overlap(left + column * shown.width, left + (column + 1) * shown.width,
                             grid.width, x * covered.width, (x + 1) * covered.width, size.width) &&
                     overlap(top + row * shown.height, top + (row + 1) * shown.height, grid.height,
                             y * covered.height, (y + 1) * covered.height, size.height));
        }
        expected.push_back(touched ? 1 : 0);
      }
    }
    const auto count = std::accumulate(expected.begin(), expected.end(), std::size_t{0});
    if (count == 0) expected.clear();
    if (size.width * size.height == 1 && !black.empty()) continue;  // black everywhere
    const InspectionMask mask = make_mask(size, black);
    if (count > 0 && count == expected.size()) {
      EXPECT_ERROR(mask.ignored(covered, shown, grid), unsupported_frame, "nothing to inspect");
    } else {
      EXPECT_EQ(mask.ignored(covered, shown, grid), expected);
    }
  }
}

TEST(InspectionMask, TakesDarkGrayAsBlack) {
  const InspectionMask mask({4, 1}, {0, 127, 128, 255});
  EXPECT_EQ(mask.pixels(), (std::vector<std::uint8_t>{0, 0, 255, 255}));
  EXPECT_EQ(mask.ignored({0, 0, 64, 64}, {0, 0, 64, 64}, {1, 4}), (IgnoredPatches{1, 1, 0, 0}));
}

TEST(InspectionMask, RefusesWhatLeavesNothing) {
  EXPECT_ERROR(InspectionMask({2, 1}, {0, 127}), invalid_argument, "black everywhere");
  EXPECT_ERROR(
      make_mask({64, 64}, {{1, 1}, {40, 1}}).ignored({0, 0, 640, 640}, {0, 0, 640, 640}, {1, 2}),
      unsupported_frame, "nothing to inspect of the 640x640 pixels");
}

TEST(InspectionMask, RefusesSizesThatCannotBe) {
  EXPECT_ERROR(InspectionMask({0, 1}, {}), invalid_argument, "0x1");
  EXPECT_ERROR(InspectionMask({-1, -1}, {255}), invalid_argument, "-1x-1");
  EXPECT_ERROR(InspectionMask({2, 2}, {255}), invalid_argument, "with 1 pixels");
  EXPECT_ERROR(InspectionMask({INT32_MAX, INT32_MAX}, {255}), invalid_argument, "are the most");
}

TEST(InspectionMask, IsReadFromAFile) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "mask.png";
  test::write_mask(path, {64, 48}, {0, 0, 32, 48});
  const InspectionMaskPointer mask = read_inspection_mask(path);
  EXPECT_EQ(mask->size(), (Size{64, 48}));
  EXPECT_EQ(mask->ignored({0, 0, 64, 48}, {0, 0, 64, 48}, {1, 4}), (IgnoredPatches{1, 1, 0, 0}));
  EXPECT_ERROR(read_inspection_mask(folder / "none.png"), not_found, "none.png");
  test::write_mask(path, {64, 48}, {0, 0, 64, 48});
  EXPECT_ERROR(read_inspection_mask(path), invalid_argument, path);
}

TEST(InspectionMask, IsTheSameWithTheSamePixels) {
  using Pixels = std::vector<std::uint8_t>;
  const auto pointer = [](Size size, const Pixels& pixels) {
    return std::make_shared<const InspectionMask>(size, pixels);
  };
  const InspectionMaskPointer mask = pointer({2, 1}, {0, 255});
  EXPECT_TRUE(same_mask(mask, pointer({2, 1}, {1, 254})));
  EXPECT_FALSE(same_mask(mask, pointer({2, 1}, {255, 0})));
  EXPECT_FALSE(same_mask(mask, pointer({1, 2}, {0, 255})));
  EXPECT_FALSE(same_mask(mask, nullptr));
  EXPECT_FALSE(same_mask(nullptr, mask));
  EXPECT_TRUE(same_mask(nullptr, nullptr));
}

TEST(InspectionMask, DropsPatchesAndPutsScoresBack) {
  PatchMatrix patches = test::patches_of({{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}});
  const IgnoredPatches ignored = {1, 0, 0, 1, 0, 1};
  drop_ignored(ignored, patches);
  EXPECT_EQ(patches.rows, 3U);
  EXPECT_EQ(patches.values, (std::vector<float>{2, 3, 4, 5, 8, 9}));
  const ScoreMap map = spread_over_grid(ignored, {2, 3}, {1, 3, {7, 8, 9}});
  EXPECT_EQ(map.height, 2);
  EXPECT_EQ(map.width, 3);
  EXPECT_EQ(map.values, (std::vector<float>{0, 7, 8, 0, 9, 0}));

  drop_ignored({}, patches);
  EXPECT_EQ(patches.rows, 3U);
  const ScoreMap whole = spread_over_grid({}, {3, 1}, {1, 3, {7, 8, 9}});
  EXPECT_EQ(whole.height, 3);
  EXPECT_EQ(whole.values, (std::vector<float>{7, 8, 9}));
}

}  // namespace patchcore
