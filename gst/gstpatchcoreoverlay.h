// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoreoverlay.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PATCH_CORE_OVERLAY (gst_patch_core_overlay_get_type())
G_DECLARE_FINAL_TYPE(GstPatchCoreOverlay, gst_patch_core_overlay, GST, PATCH_CORE_OVERLAY,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(patchcoreoverlay)

G_END_DECLS
