// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Registers the plugin's elements.
#include <gst/gst.h>

#include "gst/gstpatchcoredetect.h"
#include "gst/gstpatchcoreoverlay.h"
#include "gst/gstpatchcorepublish.h"
#include "gst/gstpatchcoretrain.h"

static gboolean plugin_init(GstPlugin* plugin) {
  const gboolean detect = GST_ELEMENT_REGISTER(patchcoredetect, plugin);
  const gboolean overlay = GST_ELEMENT_REGISTER(patchcoreoverlay, plugin);
  const gboolean publish = GST_ELEMENT_REGISTER(patchcorepublish, plugin);
  const gboolean train = GST_ELEMENT_REGISTER(patchcoretrain, plugin);
  return detect && overlay && publish && train;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, patchcore,
                  "Visual anomaly detection with PatchCore", plugin_init, PACKAGE_VERSION,
                  "Apache 2.0", "patchcore-gst", PACKAGE_ORIGIN)
