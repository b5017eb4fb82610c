// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of pictures of any format as red, green and blue.
#include "core/pixel_rows.h"

#include <cstddef>

#include "core/pixel_formats.h"

namespace patchcore {

PixelRows::PixelRows(const ImageView& picture, int begin, int end)
    : picture_(picture), kernels_(pixel_kernels().back()) {
  check_planes(picture);
  if (!is_yuv(picture.format)) {
    begin_ = begin;
    columns_ = end - begin;
    bytes_per_pixel_ = static_cast<int>(row_bytes(picture.format, 1)[0]);
    layout_ = {bytes_per_pixel_, colour_offsets(picture.format), columns_ * bytes_per_pixel_};
    return;
  }
  // Two columns share their chroma: rows are summed from an even column on, whole pairs of them.
  const int skipped = begin % 2;
  begin_ = begin - skipped;
  columns_ = end - begin_;
  const int plane = columns_ + columns_ % 2;
  layout_ = {1, {skipped, plane + skipped, 2 * plane + skipped}, 3 * plane};
  const LumaShares shares = luma_shares(picture.yuv_matrix);
  const double green = 1 - shares.red - shares.blue;
  const double chroma_scale = picture.full_range ? 1 : 255.0 / 224;
  yuv_to_rgb_.luma_offset = picture.full_range ? 0 : 16;
  yuv_to_rgb_.luma_scale = static_cast<float>(picture.full_range ? 1 : 255.0 / 219);
  yuv_to_rgb_.v_to_red = static_cast<float>(chroma_scale * 2 * (1 - shares.red));
  yuv_to_rgb_.u_to_blue = static_cast<float>(chroma_scale * 2 * (1 - shares.blue));
  yuv_to_rgb_.u_to_green =
      static_cast<float>(-chroma_scale * 2 * (1 - shares.blue) * shares.blue / green);
  yuv_to_rgb_.v_to_green =
      static_cast<float>(-chroma_scale * 2 * (1 - shares.red) * shares.red / green);
}

YuvRow PixelRows::yuv_row(int y) const {
  const auto row = [&](int plane, int line) {
    return picture_.planes[plane] + line * picture_.strides[plane];
  };
  if (picture_.format == PixelFormat::yuy2) {
    const std::uint8_t* pixels = row(0, y) + std::ptrdiff_t{2} * begin_;
    return {pixels, pixels + 1, pixels + 3, 2, 4};
  }
  const std::uint8_t* luma = row(0, y) + begin_;
  if (picture_.format == PixelFormat::nv12) {
    const std::uint8_t* chroma = row(1, y / 2) + begin_;
    return {luma, chroma, chroma + 1, 1, 2};
  }
  return {luma, row(1, y / 2) + begin_ / 2, row(2, y / 2) + begin_ / 2, 1, 1};
}

void PixelRows::read(int y, float* row) const {
  if (is_yuv(picture_.format)) {
    kernels_.convert_yuv(yuv_row(y), yuv_to_rgb_, columns_, row, layout_.values / 3);
    return;
  }
  const std::uint8_t* bytes = picture_.planes[0] + y * picture_.strides[0] +
                              static_cast<std::ptrdiff_t>(begin_) * bytes_per_pixel_;
  kernels_.convert_bytes(bytes, layout_.values, row);
}

}  // namespace patchcore
