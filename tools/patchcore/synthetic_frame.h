// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Frames that stand in for a camera's: textured, noisy, never the same twice.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// An I420 picture that owns its pixels.
class SyntheticFrame {
 public:
  /// @param size    even sides, at least 2
  /// @param number  frames of another number differ: the texture moves, the noise is new
  SyntheticFrame(Size size, int number);

  /// Valid as long as this frame.
  /// @{
  ImageView view() const;
  WritableImageView writable_view();
  /// @}

 private:
  Size size_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace patchcore
