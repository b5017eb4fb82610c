// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Pictures over frames: handed downstream as an overlay composition, or blended into the pixels.
#pragma once

#include <gst/video/video.h>

#include <vector>

#include "core/heatmap.h"

/// The pictures, the first at the bottom; empty ones are left out.
/// @return (transfer full) null if nothing is left
GstVideoOverlayComposition* gst_patch_core_composition_new(
    const std::vector<patchcore::OverlayPicture>& pictures);

/// Blends the pictures into a frame that is mapped for writing, in the order of the composition.
/// @return false if one of them could not be blended
bool gst_patch_core_composition_blend(const std::vector<patchcore::OverlayPicture>& pictures,
                                      GstVideoFrame* frame);

/// Attaches @p composition to @p buffer, above what elements upstream have attached.
/// @param buffer  writable
void gst_patch_core_composition_attach(GstBuffer* buffer, GstVideoOverlayComposition* composition);
