// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The properties of all elements that draw, and the settings that they stand for.
#include "gst/gstpatchcoreoverlayproperties.h"

void gst_patch_core_overlay_install_properties(GObjectClass* object_class, guint overlay_id,
                                               guint opacity_id) {
  using Settings = GstPatchCoreOverlaySettings;
  constexpr auto live =
      static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                               GST_PARAM_MUTABLE_PLAYING | GST_PARAM_CONTROLLABLE);

  g_object_class_install_property(
      object_class, overlay_id,
      g_param_spec_flags("overlay", "Overlay",
                         "What is drawn over the frames, joined by \"+\", or none",
                         GST_TYPE_PATCH_CORE_OVERLAY_FLAGS, Settings::DEFAULT_OVERLAY, live));
  g_object_class_install_property(
      object_class, opacity_id,
      g_param_spec_double("overlay-opacity", "Overlay opacity",
                          "Opacity of heatmap and contour, from 0 (invisible) to 1", 0, 1,
                          Settings::DEFAULT_OPACITY, live));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_OVERLAY_FLAGS, static_cast<GstPluginAPIFlags>(0));
}
