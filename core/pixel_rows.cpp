// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of pictures of any format as red, green and blue.
#include "core/pixel_rows.h"

#include <algorithm>

#include "core/pixel_formats.h"

namespace patchcore {
namespace {

/// sums += weight * (grey + chroma), clamped to a byte's range. Comparisons and not std::clamp,
/// whose references keep the compiler from vectorizing.
void add_colour(const float* grey, const float* chroma, float weight, int columns,
                float* __restrict sums) {
  for (int i = 0; i < columns; ++i) {
    const float value = grey[i] + chroma[i];
    const float positive = value > 0 ? value : 0;
    sums[i] += weight * (positive < 255 ? positive : 255);
  }
}

}  // namespace

PixelRows::PixelRows(const ImageView& picture, int begin, int end) : picture_(picture) {
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

void PixelRows::add(int y, float weight, float* sums) const {
  const auto row = [&](int plane, int line) {
    return picture_.planes[plane] + line * picture_.strides[plane];
  };
  switch (picture_.format) {
    case PixelFormat::i420:
      return add_yuv<1, 1>(row(0, y) + begin_, row(1, y / 2) + begin_ / 2,
                           row(2, y / 2) + begin_ / 2, weight, sums);
    case PixelFormat::nv12: {
      const std::uint8_t* chroma = row(1, y / 2) + begin_;
      return add_yuv<1, 2>(row(0, y) + begin_, chroma, chroma + 1, weight, sums);
    }
    case PixelFormat::yuy2: {
      const std::uint8_t* pixels = row(0, y) + std::ptrdiff_t{2} * begin_;
      return add_yuv<2, 4>(pixels, pixels + 1, pixels + 3, weight, sums);
    }
    default:
      return add_packed(y, weight, sums);
  }
}

void PixelRows::add_packed(int y, float weight, float* sums) const {
  const std::uint8_t* row = picture_.planes[0] + y * picture_.strides[0] +
                            static_cast<std::ptrdiff_t>(begin_) * bytes_per_pixel_;
  for (int i = 0; i < layout_.values; ++i) sums[i] += weight * static_cast<float>(row[i]);
}

template <int luma_step, int chroma_step>
void PixelRows::add_yuv(const std::uint8_t* luma, const std::uint8_t* u, const std::uint8_t* v,
                        float weight, float* sums) const {
  // In blocks and small loops, each of which the compiler vectorizes.
  constexpr int block = 64;
  float grey[block];
  float chroma_red[block];
  float chroma_green[block];
  float chroma_blue[block];
  const YuvToRgb yuv = yuv_to_rgb_;
  const int plane = layout_.values / 3;
  for (int begin = 0; begin < columns_; begin += block) {
    const int columns = std::min(block, columns_ - begin);
    const int pairs = (columns + 1) / 2;
    for (int i = 0; i < pairs; ++i) {
      const float u_value = static_cast<float>(u[(begin / 2 + i) * chroma_step]) - 128;
      const float v_value = static_cast<float>(v[(begin / 2 + i) * chroma_step]) - 128;
      chroma_red[2 * i] = chroma_red[2 * i + 1] = yuv.v_to_red * v_value;
      chroma_green[2 * i] = chroma_green[2 * i + 1] =
          yuv.u_to_green * u_value + yuv.v_to_green * v_value;
      chroma_blue[2 * i] = chroma_blue[2 * i + 1] = yuv.u_to_blue * u_value;
    }
    for (int i = 0; i < columns; ++i)
      grey[i] =
          yuv.luma_scale * (static_cast<float>(luma[(begin + i) * luma_step]) - yuv.luma_offset);
    add_colour(grey, chroma_red, weight, columns, sums + begin);
    add_colour(grey, chroma_green, weight, columns, sums + plane + begin);
    add_colour(grey, chroma_blue, weight, columns, sums + 2 * plane + begin);
  }
}

}  // namespace patchcore
