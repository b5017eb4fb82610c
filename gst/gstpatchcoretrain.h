// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoretrain.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PATCH_CORE_TRAIN (gst_patch_core_train_get_type())
G_DECLARE_FINAL_TYPE(GstPatchCoreTrain, gst_patch_core_train, GST, PATCH_CORE_TRAIN,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(patchcoretrain)

G_END_DECLS
