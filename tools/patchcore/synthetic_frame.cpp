// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Frames that stand in for a camera's: textured, noisy, never the same twice.
#include "tools/patchcore/synthetic_frame.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>

namespace patchcore {

SyntheticFrame::SyntheticFrame(Size size, int number)
    : size_(size),
      pixels_(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3 /
              2) {
  std::minstd_rand random(static_cast<unsigned>(number) + 1);
  const double shift = 0.7 * number;
  // Waves of several lengths, from a twentieth of the frame down, as surfaces of parts have.
  const double unit = 2 * 3.14159265358979 * 20 / size.width;
  std::uint8_t* pixel = pixels_.data();
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double wave = std::sin(unit * (x + shift)) * std::cos(unit * 0.6 * y) +
                          0.5 * std::sin(unit * 3.1 * (0.8 * x + 0.6 * y + shift)) +
                          0.25 * std::sin(unit * 7.7 * (x - y));
      const int noise = static_cast<int>(random() % 9) - 4;
      *pixel++ =
          static_cast<std::uint8_t>(std::clamp(126 + static_cast<int>(50 * wave) + noise, 16, 235));
    }
  }
  for (; pixel != pixels_.data() + pixels_.size(); ++pixel) {
    *pixel = static_cast<std::uint8_t>(124 + random() % 9);
  }
}

WritableImageView SyntheticFrame::writable_view() {
  const std::size_t luma =
      static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height);
  WritableImageView view;
  view.format = PixelFormat::i420;
  view.size = size_;
  view.planes[0] = pixels_.data();
  view.planes[1] = pixels_.data() + luma;
  view.planes[2] = pixels_.data() + luma + luma / 4;
  view.strides[0] = size_.width;
  view.strides[1] = view.strides[2] = size_.width / 2;
  return view;
}

ImageView SyntheticFrame::view() const {
  // Nothing is written through what comes of it.
  return const_cast<SyntheticFrame*>(this)->writable_view();
}

}  // namespace patchcore
