// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects masks at the resolution of the maps.
#include "tools/patchcore/evaluation/mask_preparation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

LoadedMask mask_with(Size size, Rect defect) {
  LoadedMask mask;
  mask.size = size;
  mask.values.resize(static_cast<std::size_t>(size.width * size.height));
  for (int y = defect.y; y < defect.y + defect.height; ++y) {
    for (int x = defect.x; x < defect.x + defect.width; ++x) {
      mask.values[static_cast<std::size_t>(y * size.width + x)] = 255;
    }
  }
  return mask;
}

/// The box of the marked pixels; their number must be its area.
Rect box_of(const Mask& mask) {
  Rect box{mask.size.width, mask.size.height, 0, 0};
  int right = 0;
  int bottom = 0;
  int count = 0;
  for (int y = 0; y < mask.size.height; ++y) {
    for (int x = 0; x < mask.size.width; ++x) {
      if (!mask.anomalous[static_cast<std::size_t>(y * mask.size.width + x)]) continue;
      box.x = std::min(box.x, x);
      box.y = std::min(box.y, y);
      right = std::max(right, x + 1);
      bottom = std::max(bottom, y + 1);
      ++count;
    }
  }
  box.width = right - box.x;
  box.height = bottom - box.y;
  EXPECT_EQ(count, box.width * box.height);
  return box;
}

void expect_box(const Rect& box, const Rect& expected) {
  EXPECT_EQ(box.x, expected.x);
  EXPECT_EQ(box.y, expected.y);
  EXPECT_EQ(box.width, expected.width);
  EXPECT_EQ(box.height, expected.height);
}

}  // namespace

TEST(MaskAtInput, IsTheMaskWhereNothingIsResized) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {64, 64};
  const Mask mask = mask_at_input(mask_with({64, 64}, {10, 20, 7, 9}), options, {0, 0, 64, 64}, {});
  EXPECT_EQ(mask.size, (Size{64, 64}));
  expect_box(box_of(mask), {10, 20, 7, 9});
  EXPECT_TRUE(mask.of_anomalous_picture);
}

// Maps of tiles are as large as all of them together are seen.
TEST(MaskAtInput, IsOfTheWholePartWhereItIsCutIntoTiles) {
  PreprocessOptions options;
  options.area_side = 32;
  options.tile_size = 32;
  const Mask mask =
      mask_at_input(mask_with({128, 128}, {50, 60, 10, 8}), options, {40, 30, 64, 64}, {64, 64});
  EXPECT_EQ(mask.size, (Size{64, 64}));
  expect_box(box_of(mask), {10, 30, 10, 8});
}

TEST(MaskAtInput, KeepsPixelsThatAreCoveredWholly) {
  // To a half: the triangle of an output pixel reaches over four input pixels, so that one is lost
  // at each edge.
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {32, 32};
  const Mask mask =
      mask_at_input(mask_with({64, 64}, {16, 20, 12, 16}), options, {0, 0, 64, 64}, {});
  expect_box(box_of(mask), {9, 11, 4, 6});
}

TEST(MaskAtInput, CropsAsThePictureIsCropped) {
  PreprocessOptions options;
  options.mode = ResizeMode::shorter_side;
  options.shorter_side = 64;
  options.crop = Size{32, 32};
  const Mask mask =
      mask_at_input(mask_with({128, 64}, {50, 20, 10, 10}), options, {0, 0, 128, 64}, {});
  EXPECT_EQ(mask.size, (Size{32, 32}));
  expect_box(box_of(mask), {2, 4, 10, 10});
}

TEST(MaskAtInput, ShowsThePartThatIsInspected) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {64, 64};
  const Mask mask =
      mask_at_input(mask_with({128, 128}, {50, 60, 10, 8}), options, {40, 30, 64, 64}, {});
  expect_box(box_of(mask), {10, 30, 10, 8});
}

TEST(MaskAtInput, TellsThatAVanishedDefectWasThere) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {32, 32};
  const Mask vanished =
      mask_at_input(mask_with({64, 64}, {31, 31, 2, 2}), options, {0, 0, 64, 64}, {});
  EXPECT_TRUE(vanished.of_anomalous_picture);
  EXPECT_EQ(std::count(vanished.anomalous.begin(), vanished.anomalous.end(), true), 0);
  const Mask outside =
      mask_at_input(mask_with({64, 64}, {0, 0, 0, 0}), options, {0, 0, 64, 64}, {});
  EXPECT_FALSE(outside.of_anomalous_picture);
}

TEST(MaskAtInput, DoesNotDependOnTheBanksColours) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {64, 64};
  options.mean = {0.9F, 0.1F, 0.2F};
  options.deviation = {0.01F, 3, 1};
  expect_box(
      box_of(mask_at_input(mask_with({64, 64}, {10, 20, 7, 9}), options, {0, 0, 64, 64}, {})),
      {10, 20, 7, 9});
}

TEST(MaskAtInput, RefusesATinyPicture) {
  EXPECT_ERROR(mask_at_input(mask_with({8, 8}, {0, 0, 1, 1}), {}, {0, 0, 8, 8}, {}),
               unsupported_frame, "8x8");
}

TEST(MaskAtPicture, CutsOutWhatWasInspected) {
  const LoadedMask loaded = mask_with({100, 50}, {30, 20, 10, 5});
  const Mask mask = mask_at_picture(loaded, {25, 0, 50, 50});
  EXPECT_EQ(mask.size, (Size{50, 50}));
  expect_box(box_of(mask), {5, 20, 10, 5});
  EXPECT_TRUE(mask.of_anomalous_picture);
  EXPECT_FALSE(mask_at_picture(loaded, {60, 0, 40, 50}).of_anomalous_picture);
}

}  // namespace patchcore
