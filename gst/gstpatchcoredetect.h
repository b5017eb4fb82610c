// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoredetect.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PATCH_CORE_DETECT (gst_patch_core_detect_get_type())
G_DECLARE_FINAL_TYPE(GstPatchCoreDetect, gst_patch_core_detect, GST, PATCH_CORE_DETECT,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(patchcoredetect)

G_END_DECLS
