// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The setting `region`: the part of every frame that is inspected.
#pragma once

#include <string>

#include "core/types.h"

namespace patchcore {

/// A rectangle in pixels of the frame, or in fractions of its width and height, which follow frames
/// of another size. By default the whole frame.
struct InspectionRegion {
  enum class Unit { fractions, pixels };

  Unit unit = Unit::fractions;
  double x = 0;  ///< of the upper left corner
  double y = 0;
  double width = 1;
  double height = 1;
};

inline bool operator==(const InspectionRegion& a, const InspectionRegion& b) {
  return a.unit == b.unit && a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

bool is_whole_frame(const InspectionRegion& region);

/// Reads "x,y,width,height". Whole numbers alone are pixels: "640,0,320,240". With a decimal point
/// in any of them all four are fractions, 0 to 1: "0.5,0,0.25,0.333". The text "none" is the whole
/// frame.
/// @throws Error invalid_argument for anything else
InspectionRegion parse_inspection_region(const std::string& text);

/// What parse_inspection_region() reads as the same region, bit by bit.
std::string format_inspection_region(const InspectionRegion& region);

/// The region in pixels of a frame; edges of fractions are rounded to the nearest pixel.
/// @throws Error unsupported_frame if pixels lie outside of the frame
Rect resolve_inspection_region(const InspectionRegion& region, Size frame);

/// The part of @p rect that lies in the frame; without width or height if there is none.
Rect clip_to_frame(const Rect& rect, Size frame);

}  // namespace patchcore
