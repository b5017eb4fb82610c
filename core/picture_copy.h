// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A part of a frame, copied out of the frame's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// Pixels in their own format, so that nothing but their number decides how many bytes they take.
class PictureCopy {
 public:
  /// Memory that it has is used again.
  /// @param part  inside of the frame; what shares chroma with it is copied, too
  /// @throws Error as check_planes()
  void assign(const ImageView& frame, const Rect& part);

  /// The copy; valid until the next assign().
  ImageView view() const;

  /// Where a part of the frame, within what was copied, lies in view().
  Rect shifted(const Rect& part) const {
    return {part.x - left_, part.y - top_, part.width, part.height};
  }

  std::size_t bytes() const { return bytes_.size(); }

 private:
  ImageView layout_;  ///< without the pointers
  std::array<std::size_t, 3> offsets_ = {};
  int left_ = 0;
  int top_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace patchcore
