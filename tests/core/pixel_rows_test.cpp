// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of pixels: colours, odd sizes, padded rows, parts of rows.
#include "core/pixel_rows.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/pictures.h"

namespace patchcore {
namespace {

using test::Picture;

/// One row as red, green, blue of each column.
std::vector<std::array<float, 3>> read_row(const Picture& picture, int y, int begin, int end) {
  const ImageView view = picture.view();
  const PixelRows rows(view, begin, end);
  std::vector<float> values(rows.layout().values);
  rows.read(y, values.data());
  std::vector<std::array<float, 3>> pixels;
  for (int x = 0; x < end - begin; ++x) {
    std::array<float, 3> pixel;
    for (int colour = 0; colour < 3; ++colour)
      pixel[colour] = values[rows.layout().offsets[colour] + x * rows.layout().step];
    pixels.push_back(pixel);
  }
  return pixels;
}

}  // namespace

TEST(PixelRows, EveryFormatShowsTheSameScene) {
  for (const Size size : {Size{8, 6}, Size{7, 5}, Size{1, 1}}) {
    for (const YuvMatrix matrix : {YuvMatrix::bt601, YuvMatrix::bt709, YuvMatrix::bt2020}) {
      for (const bool full_range : {false, true}) {
        Picture expected = test::make_scene(PixelFormat::rgb, size, 0, matrix, full_range);
        for (const PixelFormat format : test::all_pixel_formats) {
          const Picture picture = test::make_scene(format, size, 13, matrix, full_range);
          for (int y = 0; y < size.height; ++y) {
            const auto pixels = read_row(picture, y, 0, size.width);
            for (int x = 0; x < size.width; ++x) {
              for (int colour = 0; colour < 3; ++colour) {
                const int shown = format == PixelFormat::gray8 ? 1 : colour;
                ASSERT_NEAR(pixels[x][colour], expected.at(0, y)[3 * x + shown], 0.51)
                    << test::pixel_format_name(format) << " at " << x << ", " << y;
              }
            }
          }
        }
      }
    }
  }
}

// Pure red as the standards have it, so that the scene above and the code cannot be wrong alike.
TEST(PixelRows, KnowsTheStandardsRed) {
  struct Case {
    YuvMatrix matrix;
    bool full_range;
    std::array<std::uint8_t, 3> yuv;
  };
  for (const Case& known :
       {Case{YuvMatrix::bt601, false, {81, 90, 240}}, Case{YuvMatrix::bt601, true, {76, 85, 255}},
        Case{YuvMatrix::bt709, false, {63, 102, 240}},
        Case{YuvMatrix::bt2020, false, {74, 97, 240}}}) {
    Picture picture(PixelFormat::i420, {2, 2});
    picture.yuv_matrix = known.matrix;
    picture.full_range = known.full_range;
    for (int y = 0; y < 2; ++y) std::fill_n(picture.at(0, y), 2, known.yuv[0]);
    *picture.at(1, 0) = known.yuv[1];
    *picture.at(2, 0) = known.yuv[2];
    const auto pixel = read_row(picture, 1, 0, 2)[1];
    EXPECT_NEAR(pixel[0], 255, 1.5);
    EXPECT_NEAR(pixel[1], 0, 1.5);
    EXPECT_NEAR(pixel[2], 0, 1.5);
  }
}

TEST(PixelRows, APartOfARowIsThatPart) {
  for (const PixelFormat format : test::all_pixel_formats) {
    const Picture picture = test::make_scene(format, {11, 4}, 3);
    const auto whole = read_row(picture, 3, 0, 11);
    for (const int begin : {0, 1, 4, 7}) {
      for (const int end : {8, 9, 11}) {
        const auto part = read_row(picture, 3, begin, end);
        for (int x = begin; x < end; ++x) EXPECT_EQ(part[x - begin], whole[x]);
      }
    }
  }
}

TEST(PixelRows, RefusesAMissingPlane) {
  const Picture picture = test::make_scene(PixelFormat::i420, {8, 8});
  ImageView view = picture.view();
  view.planes[2] = nullptr;
  EXPECT_THROW(PixelRows(view, 0, 8), Error);
}

TEST(PixelRows, RefusesAStrideShorterThanARow) {
  for (const PixelFormat format : test::all_pixel_formats) {
    const Picture picture = test::make_scene(format, {9, 8});
    ImageView view = picture.view();
    view.strides[0] -= 1;
    EXPECT_THROW(PixelRows(view, 0, 9), Error) << test::pixel_format_name(format);
  }
}

}  // namespace patchcore
