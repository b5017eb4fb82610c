// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the properties of the elements share: the enumerations that they take, and their control.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

#include <optional>

#include "core/options.h"
#include "core/presets.h"
#include "core/search_recall.h"

/// Brings the controlled properties of a filter to the time of a buffer, before it is looked at.
void gst_patch_core_sync_properties(GstBaseTransform* transform, GstBuffer* buffer);

/// What is drawn over the frames.
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

/// Whether patchcoredetect scores each frame before it passes, or the newest one beside them.
enum GstPatchCoreMode {
  GST_PATCH_CORE_MODE_AUTO,
  GST_PATCH_CORE_MODE_EVERY,
  GST_PATCH_CORE_MODE_NEWEST,
};

#define GST_TYPE_PATCH_CORE_MODE (gst_patch_core_mode_get_type())
GType gst_patch_core_mode_get_type();

/// The values are those of patchcore::Preset.
#define GST_TYPE_PATCH_CORE_PRESET (gst_patch_core_preset_get_type())
GType gst_patch_core_preset_get_type();

/// The values are those of patchcore::SamplerKind.
#define GST_TYPE_PATCH_CORE_SAMPLER (gst_patch_core_sampler_get_type())
GType gst_patch_core_sampler_get_type();

/// The values are those of patchcore::IndexKind.
#define GST_TYPE_PATCH_CORE_INDEX (gst_patch_core_index_get_type())
GType gst_patch_core_index_get_type();

/// Sets `index`, the nick, and if it is known how near an approximate one comes to exact search
/// `recall`, `mean-score-error` and `largest-score-error`.
void gst_patch_core_index_add_fields(GstStructure* structure, patchcore::IndexKind index,
                                     const std::optional<patchcore::SearchRecall>& recall);

/// The values are those of patchcore::Precision.
#define GST_TYPE_PATCH_CORE_PRECISION (gst_patch_core_precision_get_type())
GType gst_patch_core_precision_get_type();

/// The values are those of patchcore::ImageScore.
#define GST_TYPE_PATCH_CORE_IMAGE_SCORE (gst_patch_core_image_score_get_type())
GType gst_patch_core_image_score_get_type();

/// The values are those of patchcore::ScoreMode.
#define GST_TYPE_PATCH_CORE_SCORE_MODE (gst_patch_core_score_mode_get_type())
GType gst_patch_core_score_mode_get_type();
