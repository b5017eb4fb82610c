// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Which part of every frame is inspected: region and mask together.
#pragma once

#include <optional>
#include <string>

#include "core/inspection_mask.h"
#include "core/inspection_region.h"
#include "core/types.h"

namespace patchcore {

/// What a bank was trained with.
struct InspectionArea {
  InspectionRegion region;
  InspectionMaskPointer mask;  ///< null: none
};

/// What a caller wants instead of it; without a value: as the bank has it.
struct InspectionOverride {
  std::optional<InspectionRegion> region;
  std::optional<InspectionMaskPointer> mask;  ///< of a null pointer: none
};

/// Of one frame.
struct InspectedPart {
  Rect rect;                   ///< inside of the frame
  InspectionMaskPointer mask;  ///< null: none
  Rect masked;                 ///< what the mask is stretched over, frame pixels
};

inline bool operator==(const InspectedPart& a, const InspectedPart& b) {
  return a.rect == b.rect && a.mask == b.mask && a.masked == b.masked;
}

/// The two settings as people write them.
/// @param region  see parse_inspection_region(); empty: nothing
/// @param mask    the path of a PNG file; empty: nothing; "none": no mask
/// @throws Error as parse_inspection_region() and read_inspection_mask()
InspectionOverride read_inspection_override(const std::string& region, const std::string& mask);

InspectionArea apply_override(InspectionArea area, const InspectionOverride& instead);

/// @param cut_out  a part that somebody else found; it takes the region's place, and the mask is
///                 stretched over it. What lies outside of the frame is cut off.
/// @throws Error unsupported_frame if the region does not fit the frame, or nothing of a part that
/// was cut out lies inside of it
InspectedPart resolve_inspection_area(const InspectionArea& area, Size frame,
                                      const std::optional<Rect>& cut_out = {});

}  // namespace patchcore
