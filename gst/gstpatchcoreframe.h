// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Video frames as the engine sees them.
#pragma once

#include <gst/video/video.h>

#include "core/types.h"

/// The raw formats of both elements, for pad templates.
#define GST_PATCH_CORE_VIDEO_FORMATS "{ RGB, BGR, RGBx, BGRx, RGBA, BGRA, GRAY8, I420, NV12, YUY2 }"

/// A view of a mapped frame, valid while it stays mapped.
patchcore::ImageView gst_patch_core_image_view(const GstVideoFrame* frame);
