// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the pixel formats are made of.
#include "core/pixel_formats.h"

#include <cstdlib>
#include <string>

#include "core/error.h"

namespace patchcore {

bool is_yuv(PixelFormat format) {
  return format == PixelFormat::i420 || format == PixelFormat::nv12 || format == PixelFormat::yuy2;
}

std::array<std::ptrdiff_t, 3> row_bytes(PixelFormat format, std::ptrdiff_t width) {
  const std::ptrdiff_t half = (width + 1) / 2;
  switch (format) {
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      return {3 * width, 0, 0};
    case PixelFormat::rgbx:
    case PixelFormat::bgrx:
    case PixelFormat::rgba:
    case PixelFormat::bgra:
      return {4 * width, 0, 0};
    case PixelFormat::gray8:
      return {width, 0, 0};
    case PixelFormat::i420:
      return {width, half, half};
    case PixelFormat::nv12:
      return {width, 2 * half, 0};
    case PixelFormat::yuy2:
      return {4 * half, 0, 0};
  }
  throw Error(ErrorCode::internal, "unknown pixel format");
}

std::array<int, 3> colour_offsets(PixelFormat format) {
  switch (format) {
    case PixelFormat::bgr:
    case PixelFormat::bgrx:
    case PixelFormat::bgra:
      return {2, 1, 0};
    case PixelFormat::gray8:
      return {0, 0, 0};
    default:
      return {0, 1, 2};
  }
}

LumaShares luma_shares(YuvMatrix matrix) {
  switch (matrix) {
    case YuvMatrix::bt709:
      return {0.2126, 0.0722};
    case YuvMatrix::bt2020:
      return {0.2627, 0.0593};
    case YuvMatrix::bt601:
      break;
  }
  return {0.299, 0.114};
}

void check_planes(const ImageView& picture) {
  const auto bytes = row_bytes(picture.format, picture.size.width);
  for (int plane = 0; plane < 3; ++plane) {
    if (bytes[plane] == 0) continue;
    if (picture.planes[plane] == nullptr || std::abs(picture.strides[plane]) < bytes[plane])
      throw Error(ErrorCode::invalid_argument,
                  "plane " + std::to_string(plane) + " of a picture " +
                      std::to_string(picture.size.width) + " pixels wide needs rows of " +
                      std::to_string(bytes[plane]) + " bytes, got a stride of " +
                      std::to_string(picture.strides[plane]) +
                      (picture.planes[plane] == nullptr ? " and no data" : ""));
  }
}

}  // namespace patchcore
