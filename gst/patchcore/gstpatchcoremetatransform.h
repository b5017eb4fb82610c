/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * What becomes of a result when its frame is copied, scaled, cropped, turned or mirrored. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The transform function of the metadata: attaches to @dest what is still right there, or nothing.
 * @buffer is the frame that has @meta. */
gboolean gst_patch_core_meta_transform(GstBuffer* dest, GstMeta* meta, GstBuffer* buffer,
                                       GQuark type, gpointer data);

G_END_DECLS
