// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Small pictures in every format, made for tests.
#include "tests/support/pictures.h"

#include <algorithm>
#include <cmath>

namespace patchcore::test {
namespace {

struct Yuv {
  std::uint8_t y;
  std::uint8_t u;
  std::uint8_t v;
};

/// Some of the colours lie outside of RGB and are clamped, as those of real video are.
Yuv scene_at(int x, int y) {
  const int pair_x = x / 2;
  const int pair_y = y / 2;
  return {static_cast<std::uint8_t>(16 + (x * 37 + y * 59) % 220),
          static_cast<std::uint8_t>(64 + (pair_x * 11 + pair_y * 5) % 128),
          static_cast<std::uint8_t>(64 + (pair_x * 3 + pair_y * 17) % 128)};
}

}  // namespace

const std::array<PixelFormat, 10> all_pixel_formats = {
    PixelFormat::rgb,  PixelFormat::bgr,   PixelFormat::rgbx, PixelFormat::bgrx, PixelFormat::rgba,
    PixelFormat::bgra, PixelFormat::gray8, PixelFormat::i420, PixelFormat::nv12, PixelFormat::yuy2};

const char* pixel_format_name(PixelFormat format) {
  static const char* const names[] = {"rgb",  "bgr",   "rgbx", "bgrx", "rgba",
                                      "bgra", "gray8", "i420", "nv12", "yuy2"};
  return names[static_cast<int>(format)];
}

Picture::Picture(PixelFormat format, Size size, int padding) : format_(format), size_(size) {
  const int half_width = (size.width + 1) / 2;
  const int half_height = (size.height + 1) / 2;
  const auto add_plane = [&](int plane, int bytes, int rows) {
    strides_[plane] = bytes + padding;
    planes_[plane].assign(strides_[plane] * rows, 0xEE);
    for (int row = 0; row < rows; ++row) std::fill_n(at(plane, row), bytes, std::uint8_t{0});
  };
  switch (format) {
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      add_plane(0, 3 * size.width, size.height);
      break;
    case PixelFormat::rgbx:
    case PixelFormat::bgrx:
    case PixelFormat::rgba:
    case PixelFormat::bgra:
      add_plane(0, 4 * size.width, size.height);
      break;
    case PixelFormat::yuy2:
      add_plane(0, 4 * half_width, size.height);
      break;
    case PixelFormat::gray8:
      add_plane(0, size.width, size.height);
      break;
    case PixelFormat::i420:
      add_plane(0, size.width, size.height);
      add_plane(1, half_width, half_height);
      add_plane(2, half_width, half_height);
      break;
    case PixelFormat::nv12:
      add_plane(0, size.width, size.height);
      add_plane(1, 2 * half_width, half_height);
      break;
  }
}

ImageView Picture::view() const {
  ImageView view;
  view.format = format_;
  view.size = size_;
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    view.planes[i] = planes_[i].empty() ? nullptr : planes_[i].data();
    view.strides[i] = strides_[i];
  }
  view.yuv_matrix = yuv_matrix;
  view.full_range = full_range;
  return view;
}

std::array<std::uint8_t, 3> rgb_of_yuv(double y, double u, double v, YuvMatrix matrix,
                                       bool full_range) {
  const double red_share = matrix == YuvMatrix::bt601   ? 0.299
                           : matrix == YuvMatrix::bt709 ? 0.2126
                                                        : 0.2627;
  const double blue_share = matrix == YuvMatrix::bt601   ? 0.114
                            : matrix == YuvMatrix::bt709 ? 0.0722
                                                         : 0.0593;
  const double luma = full_range ? y / 255 : (y - 16) / 219;
  const double chroma_range = full_range ? 255 : 224;
  const double red = luma + (v - 128) / chroma_range * 2 * (1 - red_share);
  const double blue = luma + (u - 128) / chroma_range * 2 * (1 - blue_share);
  const double green = (luma - red_share * red - blue_share * blue) / (1 - red_share - blue_share);
  const auto byte = [](double value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
  };
  return {byte(red), byte(green), byte(blue)};
}

Picture make_scene(PixelFormat format, Size size, int padding, YuvMatrix matrix, bool full_range) {
  Picture picture(format, size, padding);
  picture.yuv_matrix = matrix;
  picture.full_range = full_range;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const Yuv yuv = scene_at(x, y);
      const auto rgb = rgb_of_yuv(yuv.y, yuv.u, yuv.v, matrix, full_range);
      std::uint8_t* row = picture.at(0, y);
      switch (format) {
        case PixelFormat::rgb:
          std::copy(rgb.begin(), rgb.end(), row + 3 * x);
          break;
        case PixelFormat::bgr:
          std::reverse_copy(rgb.begin(), rgb.end(), row + 3 * x);
          break;
        case PixelFormat::rgbx:
        case PixelFormat::rgba:
          std::copy(rgb.begin(), rgb.end(), row + 4 * x);
          row[4 * x + 3] = 0x77;
          break;
        case PixelFormat::bgrx:
        case PixelFormat::bgra:
          std::reverse_copy(rgb.begin(), rgb.end(), row + 4 * x);
          row[4 * x + 3] = 0x77;
          break;
        case PixelFormat::gray8:
          row[x] = rgb[1];
          break;
        case PixelFormat::i420:
          row[x] = yuv.y;
          picture.at(1, y / 2)[x / 2] = yuv.u;
          picture.at(2, y / 2)[x / 2] = yuv.v;
          break;
        case PixelFormat::nv12:
          row[x] = yuv.y;
          picture.at(1, y / 2)[x / 2 * 2] = yuv.u;
          picture.at(1, y / 2)[x / 2 * 2 + 1] = yuv.v;
          break;
        case PixelFormat::yuy2:
          row[2 * x] = yuv.y;
          row[x / 2 * 4 + 1] = yuv.u;
          row[x / 2 * 4 + 3] = yuv.v;
          break;
      }
    }
  }
  return picture;
}

}  // namespace patchcore::test
