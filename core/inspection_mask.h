// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The setting `mask`: a picture whose black parts never raise an alarm.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/patch_embedding.h"
#include "core/types.h"

namespace patchcore {

/// A picture of black and white, stretched over the whole frame (or the part of it that was cut
/// out) whatever the two sizes. Immutable; any thread.
class InspectionMask {
 public:
  /// Gray values below it are black.
  static constexpr int black_below = 128;
  /// 5792 x 5792.
  static constexpr std::int64_t max_pixels = std::int64_t{1} << 25;

  /// @param gray  [height, width]
  /// @throws Error invalid_argument if all is black, or there are too many or too few pixels
  InspectionMask(Size size, const std::vector<std::uint8_t>& gray);

  Size size() const { return size_; }

  /// 0 for black and 255 for white, [height, width].
  std::vector<std::uint8_t> pixels() const;

  /// Patches whose cell touches black, be it a single pixel of the mask.
  /// @param covered  what the mask is stretched over, frame pixels
  /// @param shown    the part of it that the grid covers
  /// @throws Error unsupported_frame if none is left
  IgnoredPatches ignored(Rect covered, Rect shown, PatchGrid grid) const;

 private:
  std::uint32_t black_pixels(int left, int top, int right, int bottom) const;

  Size size_;
  /// [height + 1, width + 1]: black pixels above and to the left.
  std::vector<std::uint32_t> sums_;
};

/// Shared by frames that wait and the settings that may change meanwhile.
using InspectionMaskPointer = std::shared_ptr<const InspectionMask>;

/// Whether both ignore the same, pixel by pixel; either may be null.
bool same_mask(const InspectionMaskPointer& a, const InspectionMaskPointer& b);

/// Reads a PNG file that need not be trusted.
/// @throws Error as read_gray_png(), and invalid_argument
InspectionMaskPointer read_inspection_mask(const std::string& path);

/// Leaves the patches that are not ignored, in their order. Whole frames only.
void drop_ignored(const IgnoredPatches& ignored, PatchMatrix& patches);

/// The other way round: the map of the whole grid, 0 where patches are ignored.
/// @param scores  of the patches that drop_ignored() left
ScoreMap spread_over_grid(const IgnoredPatches& ignored, PatchGrid grid, ScoreMap scores);

}  // namespace patchcore
