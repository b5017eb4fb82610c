// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The properties of all elements that draw, and the settings that they stand for.
#pragma once

#include <gst/gst.h>

#include "gst/gstpatchcoreproperties.h"

/// Read before every frame.
struct GstPatchCoreOverlaySettings {
  static constexpr guint DEFAULT_OVERLAY =
      GST_PATCH_CORE_OVERLAY_HEATMAP | GST_PATCH_CORE_OVERLAY_LABEL;
  static constexpr double DEFAULT_OPACITY = 0.6;

  guint overlay = DEFAULT_OVERLAY;   ///< of GstPatchCoreOverlayFlags
  double opacity = DEFAULT_OPACITY;  ///< of heatmap and contour, 0 to 1
};

/// Installs `overlay` and `overlay-opacity`, which may be changed and controlled while playing.
void gst_patch_core_overlay_install_properties(GObjectClass* object_class, guint overlay_id,
                                               guint opacity_id);
