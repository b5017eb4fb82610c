// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects drawing into frames: every format gets the colours that exact arithmetic gives, and no
// byte outside of the picture changes.
#include "core/overlay_blending.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/pixel_formats.h"
#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/pictures.h"

namespace patchcore {
namespace {

constexpr Size frame_size = {46, 34};

OverlayPicture make_overlay(Size size, Rect target) {
  OverlayPicture picture;
  picture.size = size;
  picture.target = target;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      picture.pixels.push_back(static_cast<std::uint8_t>(40 + 17 * x % 200));
      picture.pixels.push_back(static_cast<std::uint8_t>(255 - 23 * y % 250));
      picture.pixels.push_back(static_cast<std::uint8_t>(11 * (x + y) % 256));
      picture.pixels.push_back(static_cast<std::uint8_t>((x * 50 + y * 30) % 256));
    }
  }
  return picture;
}

WritableImageView writable(test::Picture& picture) {
  const ImageView view = picture.view();
  WritableImageView result;
  result.format = view.format;
  result.size = view.size;
  for (int plane = 0; plane < 3; ++plane) {
    if (view.planes[plane] != nullptr) result.planes[plane] = picture.at(plane, 0);
    result.strides[plane] = view.strides[plane];
  }
  result.yuv_matrix = view.yuv_matrix;
  result.full_range = view.full_range;
  return result;
}

using Rgba = std::array<double, 4>;

/// What lies over a pixel of the frame: colours times alpha, and alpha, 0 to 1.
Rgba overlay_at(const OverlayPicture& picture, int x, int y) {
  const Rect& target = picture.target;
  if (x < target.x || y < target.y || x >= target.x + target.width ||
      y >= target.y + target.height) {
    return {};
  }
  const auto position = [](int at, int length, int size) {
    return std::clamp((at + 0.5) * size / length - 0.5, 0.0, size - 1.0);
  };
  const double sx = position(x - target.x, target.width, picture.size.width);
  const double sy = position(y - target.y, target.height, picture.size.height);
  const int left = static_cast<int>(sx);
  const int top = static_cast<int>(sy);
  Rgba result = {};
  for (int dy = 0; dy < 2; ++dy) {
    for (int dx = 0; dx < 2; ++dx) {
      const int column = std::min(left + dx, picture.size.width - 1);
      const int row = std::min(top + dy, picture.size.height - 1);
      const double weight =
          (dx == 1 ? sx - left : 1 - sx + left) * (dy == 1 ? sy - top : 1 - sy + top);
      const std::uint8_t* bgra = picture.pixels.data() + 4 * (row * picture.size.width + column);
      const double alpha = bgra[3] / 255.0;
      for (std::size_t c = 0; c < 3; ++c) result[c] += weight * alpha * bgra[2 - c];
      result[3] += weight * alpha;
    }
  }
  return result;
}

/// Red, green and blue of a pixel of the frame, 0 to 255.
double expected_byte(double before, double weighted, double alpha) {
  return before * (1 - alpha) + weighted;
}

class OverlayBlending : public testing::TestWithParam<PixelFormat> {};

/// The colour, weighted by alpha, as component @p c of YUV.
double yuv_component(const Rgba& over, std::size_t c, YuvMatrix matrix, bool full_range) {
  const LumaShares shares = luma_shares(matrix);
  const double luma =
      shares.red * over[0] + (1 - shares.red - shares.blue) * over[1] + shares.blue * over[2];
  const double chroma_scale = full_range ? 1 : 224.0 / 255;
  if (c == 0) return full_range ? luma : 16 * over[3] + luma * 219 / 255;
  const double difference =
      c == 1 ? (over[2] - luma) / (2 - 2 * shares.blue) : (over[0] - luma) / (2 - 2 * shares.red);
  return 128 * over[3] + difference * chroma_scale;
}

/// Compares every byte of the frame.
void expect_blended(PixelFormat format, const OverlayPicture& overlay, YuvMatrix matrix,
                    bool full_range) {
  test::Picture before = test::make_scene(format, frame_size, 5, matrix, full_range);
  test::Picture after = test::make_scene(format, frame_size, 5, matrix, full_range);
  blend_overlay(overlay, writable(after));
  const auto check = [&](int plane, int row, int byte, int x, int y, int component) {
    const Rgba over = overlay_at(overlay, x, y);
    double weighted = 0;
    if (format == PixelFormat::gray8) {
      weighted = yuv_component(over, 0, matrix, true);
    } else if (is_yuv(format)) {
      weighted = yuv_component(over, static_cast<std::size_t>(component), matrix, full_range);
    } else {
      weighted = over[static_cast<std::size_t>(component)];
    }
    const double expected =
        std::clamp(expected_byte(before.at(plane, row)[byte], weighted, over[3]), 0.0, 255.0);
    ASSERT_NEAR(after.at(plane, row)[byte], expected, 3)
        << "plane " << plane << " row " << row << " byte " << byte;
  };
  const std::array<int, 3> offsets = colour_offsets(format);
  for (int y = 0; y < frame_size.height; ++y) {
    for (int x = 0; x < frame_size.width; ++x) {
      if (format == PixelFormat::yuy2) {
        check(0, y, 2 * x, x, y, 0);
        check(0, y, 2 * x + 1, x / 2 * 2, y, x % 2 == 0 ? 1 : 2);
      } else if (is_yuv(format)) {
        check(0, y, x, x, y, 0);
        const int even_x = x / 2 * 2;
        const int even_y = y / 2 * 2;
        if (format == PixelFormat::i420) {
          check(1, y / 2, x / 2, even_x, even_y, 1);
          check(2, y / 2, x / 2, even_x, even_y, 2);
        } else {
          check(1, y / 2, even_x, even_x, even_y, 1);
          check(1, y / 2, even_x + 1, even_x, even_y, 2);
        }
      } else if (format == PixelFormat::gray8) {
        check(0, y, x, x, y, 0);
      } else {
        const int bytes = static_cast<int>(row_bytes(format, 1)[0]);
        for (int colour = 0; colour < 3; ++colour) {
          check(0, y, bytes * x + offsets[static_cast<std::size_t>(colour)], x, y, colour);
        }
        if (bytes == 4) {
          ASSERT_EQ(after.at(0, y)[4 * x + 3], before.at(0, y)[4 * x + 3]);
        }
      }
    }
  }
}

}  // namespace

TEST_P(OverlayBlending, GivesTheColoursOfExactArithmetic) {
  use_threads(0);
  const Rect targets[] = {
      {0, 0, 46, 34}, {7, 5, 9, 8}, {11, 3, 30, 27}, {-6, -9, 80, 61}, {45, 33, 9, 8}};
  for (const Rect& target : targets) {
    SCOPED_TRACE(testing::Message()
                 << target.x << "," << target.y << " " << target.width << "x" << target.height);
    expect_blended(GetParam(), make_overlay({9, 8}, target), YuvMatrix::bt601, false);
  }
  expect_blended(GetParam(), make_overlay({9, 8}, targets[0]), YuvMatrix::bt709, true);
  expect_blended(GetParam(), make_overlay({1, 1}, targets[2]), YuvMatrix::bt2020, false);
  // Larger than what they cover, where neighbours in the frame lie far apart in the picture.
  expect_blended(GetParam(), make_overlay({40, 50}, targets[2]), YuvMatrix::bt601, false);
  expect_blended(GetParam(), make_overlay({300, 90}, targets[0]), YuvMatrix::bt601, false);
}

TEST_P(OverlayBlending, LeavesTheBytesBetweenRows) {
  test::Picture before = test::make_scene(GetParam(), frame_size, 5);
  test::Picture after = test::make_scene(GetParam(), frame_size, 5);
  blend_overlay(make_overlay({9, 8}, {0, 0, 46, 34}), writable(after));
  const ImageView view = before.view();
  for (int row = 0; row < frame_size.height; ++row) {
    for (std::ptrdiff_t i = view.strides[0] - 5; i < view.strides[0]; ++i) {
      ASSERT_EQ(after.at(0, row)[i], before.at(0, row)[i]);
    }
  }
}

TEST_P(OverlayBlending, IsTheSameWithAnyNumberOfThreads) {
  test::Picture once = test::make_scene(GetParam(), frame_size);
  use_threads(1);
  blend_overlay(make_overlay({9, 8}, {3, 1, 40, 33}), writable(once));
  for (const int threads : {2, 7}) {
    test::Picture again = test::make_scene(GetParam(), frame_size);
    use_threads(threads);
    blend_overlay(make_overlay({9, 8}, {3, 1, 40, 33}), writable(again));
    for (int row = 0; row < frame_size.height; ++row) {
      ASSERT_TRUE(
          std::equal(again.at(0, row), again.at(0, row) + once.view().strides[0], once.at(0, row)))
          << threads << " threads, row " << row;
    }
  }
  use_threads(0);
}

INSTANTIATE_TEST_SUITE_P(Formats, OverlayBlending,
                         testing::Values(PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgbx,
                                         PixelFormat::bgrx, PixelFormat::gray8, PixelFormat::i420,
                                         PixelFormat::nv12, PixelFormat::yuy2),
                         [](const auto& format) { return test::pixel_format_name(format.param); });

TEST(OverlayBlendingArguments, EmptyAndDistantPicturesChangeNothing) {
  test::Picture before = test::make_scene(PixelFormat::rgb, frame_size);
  test::Picture after = test::make_scene(PixelFormat::rgb, frame_size);
  blend_overlay({}, writable(after));
  blend_overlay(make_overlay({3, 3}, {46, 0, 5, 5}), writable(after));
  blend_overlay(make_overlay({3, 3}, {-5, 2, 5, 5}), writable(after));
  blend_overlay(make_overlay({3, 3}, {2, 2, 0, 5}), writable(after));
  for (int row = 0; row < frame_size.height; ++row) {
    ASSERT_TRUE(
        std::equal(after.at(0, row), after.at(0, row) + 3 * frame_size.width, before.at(0, row)));
  }
}

TEST(OverlayBlendingArguments, FormatsWithAlphaAreForOthers) {
  for (const PixelFormat format : {PixelFormat::rgba, PixelFormat::bgra}) {
    EXPECT_FALSE(can_blend_overlay(format));
    test::Picture frame = test::make_scene(format, frame_size);
    EXPECT_ERROR(blend_overlay(make_overlay({3, 3}, {0, 0, 5, 5}), writable(frame)),
                 invalid_argument, "alpha");
  }
}

TEST(OverlayBlendingArguments, PlanesMustBeThere) {
  test::Picture frame = test::make_scene(PixelFormat::i420, frame_size);
  WritableImageView view = writable(frame);
  view.planes[2] = nullptr;
  EXPECT_ERROR(blend_overlay(make_overlay({3, 3}, {0, 0, 5, 5}), view), invalid_argument,
               "plane 2");
}

}  // namespace patchcore
