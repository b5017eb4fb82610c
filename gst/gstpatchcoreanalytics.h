// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result as GStreamer's own analytics metadata. Built with GStreamer 1.24 or newer only.
#pragma once

#include <gst/gst.h>

#include "gst/patchcore/patchcore.h"

/// Adds to the buffer's GstAnalyticsRelationMeta, which is attached if there is none yet: a
/// classification of the frame with the classes "anomalous" and "normal", and an object "anomaly"
/// for each region, related to it. Confidences are those of patchcore::confidence(). Without a
/// result nothing is added.
void gst_patch_core_analytics_attach(GstBuffer* buffer, const GstPatchCoreMeta* meta);
