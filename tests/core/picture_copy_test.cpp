// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the copy of a frame's part: whatever is read from it is what the frame has there.
#include "core/picture_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/pixel_formats.h"
#include "core/preprocess.h"
#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

/// A frame of any format with padded rows, and random bytes in them.
struct RandomFrame {
  RandomFrame(PixelFormat format, Size size) {
    const auto row = row_bytes(format, size.width);
    std::mt19937 random(7);
    view.format = format;
    view.size = size;
    view.yuv_matrix = YuvMatrix::bt709;
    for (int plane = 0; plane < 3; ++plane) {
      if (row[plane] == 0) continue;
      view.strides[plane] = row[plane] + 5;
      planes[plane].resize(static_cast<std::size_t>(view.strides[plane]) * size.height);
      for (std::uint8_t& byte : planes[plane]) byte = static_cast<std::uint8_t>(random());
      view.planes[plane] = planes[plane].data();
    }
  }

  std::vector<std::uint8_t> planes[3];
  ImageView view;
};

}  // namespace

TEST(PictureCopy, IsReadAsTheFrameIs) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {40, 48};
  const Preprocess preprocess(options);
  Workspace workspace;
  PictureCopy copy;
  for (const PixelFormat format :
       {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgbx, PixelFormat::bgra,
        PixelFormat::gray8, PixelFormat::i420, PixelFormat::nv12, PixelFormat::yuy2}) {
    RandomFrame frame(format, {151, 111});
    for (const Rect& part :
         {Rect{0, 0, 151, 111}, Rect{33, 17, 80, 64}, Rect{34, 18, 81, 65}, Rect{71, 31, 80, 80}}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(format) << " at " << part.x);
      const Rect inside = {part.x + 9, part.y + 5, 50, 40};
      InputTensor expected;
      InputTensor whole;
      preprocess.run(frame.view, inside, expected, workspace);
      preprocess.run(frame.view, part, whole, workspace);
      copy.assign(frame.view, part);
      InputTensor found;
      preprocess.run(copy.view(), copy.shifted(inside), found, workspace);
      EXPECT_EQ(found.values, expected.values);
      preprocess.run(copy.view(), copy.shifted(part), found, workspace);
      EXPECT_EQ(found.values, whole.values);
    }
  }
}

TEST(PictureCopy, TakesNoMoreThanThePart) {
  const RandomFrame frame(PixelFormat::rgb, {640, 480});
  PictureCopy copy;
  copy.assign(frame.view, {100, 100, 64, 32});
  EXPECT_EQ(copy.bytes(), 3U * 64 * 32);
  const RandomFrame subsampled(PixelFormat::nv12, {640, 480});
  copy.assign(subsampled.view, {100, 100, 64, 32});
  EXPECT_EQ(copy.bytes(), 64U * 32 * 3 / 2);
}

TEST(PictureCopy, RefusesAFrameWithoutPixels) {
  RandomFrame frame(PixelFormat::nv12, {64, 64});
  frame.view.planes[1] = nullptr;
  PictureCopy copy;
  EXPECT_ERROR(copy.assign(frame.view, {0, 0, 64, 64}), invalid_argument, "no data");
}

}  // namespace patchcore
