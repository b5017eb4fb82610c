// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The parts of a frame that an element upstream has marked with regions of interest.
#pragma once

#include <gst/video/video.h>

#include <string>
#include <vector>

#include "core/types.h"

/// One part. Borrows from the buffer.
struct GstPatchCoreMarkedPart {
  patchcore::Rect rect;  ///< frame pixels; may reach out of the frame
  GstVideoRegionOfInterestMeta* roi = nullptr;
};

/// The regions of interest of one type, in the order in which they were attached. Those that
/// patchcoredetect attaches for what it has found are none, whatever they are called.
std::vector<GstPatchCoreMarkedPart> gst_patch_core_marked_parts(GstBuffer* buffer,
                                                                const std::string& type);
