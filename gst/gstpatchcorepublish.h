// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcorepublish.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PATCH_CORE_PUBLISH (gst_patch_core_publish_get_type())
G_DECLARE_FINAL_TYPE(GstPatchCorePublish, gst_patch_core_publish, GST, PATCH_CORE_PUBLISH,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(patchcorepublish)

G_END_DECLS
