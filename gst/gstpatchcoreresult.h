// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result of an inspection as metadata of a buffer and as a message.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "core/types.h"
#include "gst/patchcore/patchcore.h"

/// The name of the message and of the parameters of regions of interest.
#define GST_PATCH_CORE_RESULT_NAME "patchcore-result"
#define GST_PATCH_CORE_REGION_NAME "patchcore-region"
/// Of parts, in messages and as parameters of the regions of interest that marked them.
#define GST_PATCH_CORE_PART_NAME "patchcore-part"

/// The type of the regions of interest.
#define GST_PATCH_CORE_REGION_TYPE "anomaly"

/// What is known of one frame. Borrows what it points to.
struct GstPatchCoreFrameResult {
  GstPatchCoreResult result = GST_PATCH_CORE_RESULT_NONE;
  GstPatchCoreReason reason = GST_PATCH_CORE_REASON_NONE;  ///< why this frame was not scored
  const patchcore::Detection* detection = nullptr;         ///< null: there is no result
  GstClockTime scored_pts = GST_CLOCK_TIME_NONE;           ///< of the frame that was scored
  const char* bank = nullptr;                              ///< that it was scored with
  const std::vector<GstPatchCorePart>* parts = nullptr;    ///< null: it was not cut up
};

/// Attaches the metadata, a region of interest for each region and, where this GStreamer has it,
/// the analytics metadata (gstpatchcoreanalytics.h). The age of the result is what lies between the
/// buffer's time and scored_pts.
GstPatchCoreMeta* gst_patch_core_result_attach(GstBuffer* buffer,
                                               const GstPatchCoreFrameResult& frame);

/// Notes that the result of the detector nearest upstream was drawn into the pixels.
void gst_patch_core_result_mark_drawn(GstBuffer* buffer);

/// Posts a warning if a result was drawn into the pixels, which are to be looked at: the camera's
/// picture is gone.
/// @param warned  whether that was done already; becomes true with the warning
void gst_patch_core_warn_once_of_drawing(GstElement* element, GstBuffer* buffer, bool& warned);

/// What messages and regions of interest say about a part.
/// @return (transfer full)
GstStructure* gst_patch_core_part_structure(const GstPatchCorePart& part);

/// The result of the detector that is nearest upstream: of several, the last one attached.
/// @return (transfer none) null if there is none
const GstPatchCoreMeta* gst_patch_core_result_nearest(GstBuffer* buffer);

/// What is drawn of a result: all of the detection but its regions, and no map if its place is none
/// that a frame can have.
/// @param meta  of a result that is not GST_PATCH_CORE_RESULT_NONE
patchcore::Detection gst_patch_core_result_detection(const GstPatchCoreMeta* meta);

/// What messages and samples say about a buffer with @p meta.
/// @return (transfer full)
GstStructure* gst_patch_core_result_structure(GstBuffer* buffer, const GstPatchCoreMeta* meta,
                                              const GstSegment* segment);
