// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Small pictures in every format, made for tests.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore::test {

/// Every format there is.
extern const std::array<PixelFormat, 10> all_pixel_formats;

const char* pixel_format_name(PixelFormat format);

/// A picture that owns its planes.
class Picture {
 public:
  /// All bytes are zero.
  /// @param padding  bytes at the end of each row that belong to no pixel; they are set to 0xEE
  Picture(PixelFormat format, Size size, int padding = 0);

  ImageView view() const;
  std::uint8_t* at(int plane, int row) { return planes_[plane].data() + row * strides_[plane]; }

  YuvMatrix yuv_matrix = YuvMatrix::bt601;
  bool full_range = false;

 private:
  PixelFormat format_;
  Size size_;
  std::array<std::vector<std::uint8_t>, 3> planes_;
  std::array<std::ptrdiff_t, 3> strides_ = {0, 0, 0};
};

/// The colour of a YUV pixel, by the textbook, rounded to whole numbers and clamped.
std::array<std::uint8_t, 3> rgb_of_yuv(double y, double u, double v, YuvMatrix matrix,
                                       bool full_range);

/// The same scene in any format: luma changes from pixel to pixel, chroma from pair to pair (both
/// ways), so that subsampling loses nothing and all formats but gray8 show the same colours to
/// within half a unit. gray8 shows the green of the others.
Picture make_scene(PixelFormat format, Size size, int padding = 0,
                   YuvMatrix matrix = YuvMatrix::bt601, bool full_range = false);

}  // namespace patchcore::test
