// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The enumerations that properties of the elements take.
#pragma once

#include <gst/gst.h>

/// What patchcoredetect draws over the frames.
enum GstPatchCoreOverlayFlags {
  GST_PATCH_CORE_OVERLAY_NONE = 0,
  GST_PATCH_CORE_OVERLAY_HEATMAP = 1 << 0,
  GST_PATCH_CORE_OVERLAY_CONTOUR = 1 << 1,
  GST_PATCH_CORE_OVERLAY_LABEL = 1 << 2,
};

#define GST_TYPE_PATCH_CORE_OVERLAY_FLAGS (gst_patch_core_overlay_flags_get_type())
GType gst_patch_core_overlay_flags_get_type();

/// For which frames patchcoredetect posts a message.
enum GstPatchCorePostMessages {
  GST_PATCH_CORE_POST_MESSAGES_NONE,
  GST_PATCH_CORE_POST_MESSAGES_CHANGES,
  GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS,
  GST_PATCH_CORE_POST_MESSAGES_ALL,
};

#define GST_TYPE_PATCH_CORE_POST_MESSAGES (gst_patch_core_post_messages_get_type())
GType gst_patch_core_post_messages_get_type();

/// The values are those of patchcore::SamplerKind.
#define GST_TYPE_PATCH_CORE_SAMPLER (gst_patch_core_sampler_get_type())
GType gst_patch_core_sampler_get_type();

/// The values are those of patchcore::IndexKind.
#define GST_TYPE_PATCH_CORE_INDEX (gst_patch_core_index_get_type())
GType gst_patch_core_index_get_type();

/// The values are those of patchcore::Precision.
#define GST_TYPE_PATCH_CORE_PRECISION (gst_patch_core_precision_get_type())
GType gst_patch_core_precision_get_type();

/// The values are those of patchcore::ScoreMode.
#define GST_TYPE_PATCH_CORE_SCORE_MODE (gst_patch_core_score_mode_get_type())
GType gst_patch_core_score_mode_get_type();
