// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of pictures of any format as red, green and blue.
#pragma once

#include <array>

#include "core/types.h"

namespace patchcore {

/// Where the colours of a row of summed pixels lie: colour c of column x, counted from the first
/// column asked for, at offsets[c] + x * step.
struct PixelRowLayout {
  int step;
  std::array<int, 3> offsets;  ///< red, green, blue
  int values;                  ///< that a row takes
};

/// Sums weighted rows of one picture. Packed pixels are summed as they lie, whatever their order;
/// YUV becomes RGB (0 to 255, clamped) before it is summed.
class PixelRows {
 public:
  /// @param picture  must stay valid
  /// @param begin    first column
  /// @param end      column after the last
  /// @throws Error invalid_argument if a plane is missing or its stride too short
  PixelRows(const ImageView& picture, int begin, int end);

  const PixelRowLayout& layout() const { return layout_; }

  /// sums += @p weight * row @p y.
  /// @param sums  layout().values of them
  void add(int y, float weight, float* sums) const;

 private:
  void add_packed(int y, float weight, float* sums) const;
  template <int luma_step, int chroma_step>
  void add_yuv(const std::uint8_t* luma, const std::uint8_t* u, const std::uint8_t* v, float weight,
               float* sums) const;

  const ImageView& picture_;
  int begin_;
  int columns_;
  int bytes_per_pixel_ = 0;  ///< of packed RGB and gray formats
  PixelRowLayout layout_;
  /// red = luma_scale * (Y - luma_offset) + v_to_red * (V - 128), and so on.
  struct YuvToRgb {
    float luma_offset = 0;
    float luma_scale = 0;
    float v_to_red = 0;
    float u_to_green = 0;
    float v_to_green = 0;
    float u_to_blue = 0;
  } yuv_to_rgb_;
};

}  // namespace patchcore
