// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Which part of every frame is inspected: region and mask together.
#include "core/inspection_area.h"

#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

constexpr char no_mask[] = "none";

}  // namespace

InspectionOverride read_inspection_override(const std::string& region, const std::string& mask) {
  InspectionOverride instead;
  if (!region.empty()) instead.region = parse_inspection_region(region);
  if (mask == no_mask) {
    instead.mask = nullptr;
  } else if (!mask.empty()) {
    instead.mask = read_inspection_mask(mask);
  }
  return instead;
}

InspectionArea apply_override(InspectionArea area, const InspectionOverride& instead) {
  if (instead.region) area.region = *instead.region;
  if (instead.mask) area.mask = *instead.mask;
  return area;
}

InspectedPart resolve_inspection_area(const InspectionArea& area, Size frame,
                                      const std::optional<Rect>& cut_out) {
  if (!cut_out) {
    return {resolve_inspection_region(area.region, frame),
            area.mask,
            {0, 0, frame.width, frame.height}};
  }
  const Rect inside = clip_to_frame(*cut_out, frame);
  if (inside.width < 1 || inside.height < 1) {
    throw Error(ErrorCode::unsupported_frame,
                "the part at " + std::to_string(cut_out->x) + "," + std::to_string(cut_out->y) +
                    " of " + size_text({cut_out->width, cut_out->height}) +
                    " pixels lies outside of the frame of " + size_text(frame));
  }
  return {inside, area.mask, *cut_out};
}

}  // namespace patchcore
