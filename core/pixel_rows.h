// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of pictures of any format as red, green and blue.
#pragma once

#include <array>

#include "core/kernels/pixels.h"
#include "core/types.h"

namespace patchcore {

/// Where the colours of a row lie: colour c of column x, counted from the first column asked for,
/// at offsets[c] + x * step.
struct PixelRowLayout {
  int step;
  std::array<int, 3> offsets;  ///< red, green, blue
  int values;                  ///< that a row takes
};

/// Reads rows of one picture, 0 to 255. Packed pixels stay as they lie, whatever their order; YUV
/// becomes RGB, clamped, in planes.
class PixelRows {
 public:
  /// @param picture  must stay valid
  /// @param begin    first column
  /// @param end      column after the last
  /// @throws Error invalid_argument if a plane is missing or its stride too short
  PixelRows(const ImageView& picture, int begin, int end);

  const PixelRowLayout& layout() const { return layout_; }

  /// @param row  becomes layout().values of row @p y
  void read(int y, float* row) const;

 private:
  YuvRow yuv_row(int y) const;

  const ImageView& picture_;
  int begin_;
  int columns_;
  int bytes_per_pixel_ = 0;  ///< of packed RGB and gray formats
  PixelRowLayout layout_;
  YuvToRgb yuv_to_rgb_;
  const PixelKernels& kernels_;
};

}  // namespace patchcore
