// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the code for pixels takes for granted: where they lie, and that they are there.
#include "core/pixel_formats.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/pictures.h"

namespace patchcore {
namespace {

using Bytes = std::array<std::ptrdiff_t, 3>;

ImageView view_of(const std::vector<std::uint8_t>& pixels, PixelFormat format, int width) {
  ImageView view;
  view.format = format;
  view.size = {width, 2};
  const Bytes bytes = row_bytes(format, width);
  for (int plane = 0; plane < 3; ++plane) {
    if (bytes[plane] == 0) continue;
    view.planes[plane] = pixels.data();
    view.strides[plane] = bytes[plane];
  }
  return view;
}

}  // namespace

TEST(PixelFormats, OddWidthsHaveAllTheirChroma) {
  EXPECT_EQ(row_bytes(PixelFormat::i420, 5), (Bytes{5, 3, 3}));
  EXPECT_EQ(row_bytes(PixelFormat::nv12, 5), (Bytes{5, 6, 0}));
  EXPECT_EQ(row_bytes(PixelFormat::yuy2, 5), (Bytes{12, 0, 0}));
  EXPECT_EQ(row_bytes(PixelFormat::gray8, 5), (Bytes{5, 0, 0}));
  EXPECT_EQ(row_bytes(PixelFormat::bgr, 5), (Bytes{15, 0, 0}));
  EXPECT_EQ(row_bytes(PixelFormat::rgba, 5), (Bytes{20, 0, 0}));
}

TEST(PixelFormats, ColoursLieWhereTheNameSays) {
  EXPECT_EQ(colour_offsets(PixelFormat::rgbx), (std::array<int, 3>{0, 1, 2}));
  EXPECT_EQ(colour_offsets(PixelFormat::bgrx), (std::array<int, 3>{2, 1, 0}));
  EXPECT_EQ(colour_offsets(PixelFormat::gray8), (std::array<int, 3>{0, 0, 0}));
}

TEST(PixelFormats, LumaHasAShareOfGreen) {
  for (const YuvMatrix matrix : {YuvMatrix::bt601, YuvMatrix::bt709, YuvMatrix::bt2020}) {
    const LumaShares shares = luma_shares(matrix);
    EXPECT_GT(1 - shares.red - shares.blue, 0.5);
  }
  EXPECT_NE(luma_shares(YuvMatrix::bt601).red, luma_shares(YuvMatrix::bt709).red);
  EXPECT_NE(luma_shares(YuvMatrix::bt709).red, luma_shares(YuvMatrix::bt2020).red);
}

TEST(PixelFormats, PlanesMustBeThereAndWideEnough) {
  const std::vector<std::uint8_t> pixels(256);
  for (const PixelFormat format : test::all_pixel_formats) {
    const ImageView good = view_of(pixels, format, 5);
    EXPECT_NO_THROW(check_planes(good));
    for (int plane = 0; plane < 3; ++plane) {
      if (good.planes[plane] == nullptr) continue;
      ImageView upside_down = good;
      upside_down.strides[plane] *= -1;
      EXPECT_NO_THROW(check_planes(upside_down));
      ImageView narrow = good;
      --narrow.strides[plane];
      EXPECT_ERROR(check_planes(narrow), invalid_argument, "got a stride of");
      ImageView missing = good;
      missing.planes[plane] = nullptr;
      EXPECT_ERROR(check_planes(missing), invalid_argument, "no data");
    }
  }
}

}  // namespace patchcore
