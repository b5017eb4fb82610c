// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The property preset of patchcoretrain: one that sets others.
#pragma once

#include <glib-object.h>

#include "core/presets.h"
#include "gst/gstpatchcoretrainsettings.h"

/// Sets what the preset sets, as properties, and remembers the preset.
void gst_patch_core_train_apply_preset(GstPatchCoreTrainSettings& settings,
                                       patchcore::Preset preset);

/// Notifies of every property that a preset sets and that is not the same in both. Without any
/// lock.
void gst_patch_core_train_notify_preset(GObject* object, const GstPatchCoreTrainSettings& before,
                                        const GstPatchCoreTrainSettings& after);
