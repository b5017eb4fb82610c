// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A part of a frame, copied out of the frame's memory.
#include "core/picture_copy.h"

#include <algorithm>

#include "core/pixel_formats.h"

namespace patchcore {

void PictureCopy::assign(const ImageView& frame, const Rect& part) {
  check_planes(frame);
  // Chroma begins at even columns and rows.
  const bool yuv = is_yuv(frame.format);
  left_ = yuv ? part.x / 2 * 2 : part.x;
  top_ = yuv ? part.y / 2 * 2 : part.y;
  layout_ = frame;
  layout_.size = {part.x + part.width - left_, part.y + part.height - top_};
  const auto skipped = row_bytes(frame.format, left_);
  const auto row = row_bytes(frame.format, layout_.size.width);
  const bool halved = frame.format == PixelFormat::i420 || frame.format == PixelFormat::nv12;
  const auto rows_of = [&](int plane) {
    return halved && plane > 0 ? (layout_.size.height + 1) / 2 : layout_.size.height;
  };
  std::size_t bytes = 0;
  for (int plane = 0; plane < 3; ++plane) {
    layout_.planes[plane] = nullptr;
    layout_.strides[plane] = row[plane];
    offsets_[plane] = bytes;
    bytes += static_cast<std::size_t>(row[plane]) * rows_of(plane);
  }
  bytes_.resize(bytes);
  for (int plane = 0; plane < 3; ++plane) {
    if (row[plane] == 0) continue;
    const int first = halved && plane > 0 ? top_ / 2 : top_;
    for (int y = 0; y < rows_of(plane); ++y) {
      std::copy_n(frame.planes[plane] + (first + y) * frame.strides[plane] + skipped[plane],
                  row[plane], bytes_.data() + offsets_[plane] + y * row[plane]);
    }
  }
}

ImageView PictureCopy::view() const {
  ImageView view = layout_;
  for (int plane = 0; plane < 3; ++plane) {
    if (view.strides[plane] > 0) view.planes[plane] = bytes_.data() + offsets_[plane];
  }
  return view;
}

}  // namespace patchcore
