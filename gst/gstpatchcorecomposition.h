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

/// What caps the other pad can have if one has @p caps: the sink pad's caps, with overlay
/// compositions or without; the compositions of upstream are never taken away.
/// @param filter  may be null
/// @return (transfer full)
GstCaps* gst_patch_core_composition_transform_caps(GstPadDirection direction, const GstCaps* caps,
                                                   GstCaps* filter);

/// Chooses from @p caps and fixates.
/// @param caps    (transfer full)
/// @param prefer  whether caps with overlay compositions are better than those without
/// @return (transfer full)
GstCaps* gst_patch_core_composition_fixate_caps(GstCaps* caps, bool prefer);

/// Whether buffers of these caps may carry overlay compositions instead of changed pixels.
bool gst_patch_core_composition_in_caps(const GstCaps* caps);
