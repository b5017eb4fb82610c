// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The parts of a frame that an element upstream has marked with regions of interest.
#include "gst/gstpatchcoreparts.h"

#include <algorithm>

#include "gst/gstpatchcoreresult.h"

namespace {

/// Larger than any frame, and small enough for all that follows.
int to_pixels(guint value) {
  constexpr guint largest = 1 << 24;
  return static_cast<int>(std::min(value, largest));
}

}  // namespace

std::vector<GstPatchCoreMarkedPart> gst_patch_core_marked_parts(GstBuffer* buffer,
                                                                const std::string& type) {
  std::vector<GstPatchCoreMarkedPart> parts;
  const GQuark wanted = g_quark_try_string(type.c_str());
  if (wanted == 0) return parts;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    auto* roi = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
    if (roi->roi_type != wanted) continue;
    if (gst_video_region_of_interest_meta_get_param(roi, GST_PATCH_CORE_REGION_NAME)) continue;
    parts.push_back(
        {{to_pixels(roi->x), to_pixels(roi->y), to_pixels(roi->w), to_pixels(roi->h)}, roi});
  }
  return parts;
}
