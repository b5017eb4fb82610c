// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far a run of patchcoretrain has come: the element's read-only properties.
#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "core/trainer.h"

/// What becomes of the frames at the moment. Those that are not collected just pass.
enum GstPatchCoreTrainPhase {
  GST_PATCH_CORE_TRAIN_PHASE_STOPPED,
  GST_PATCH_CORE_TRAIN_PHASE_COLLECTING,
  GST_PATCH_CORE_TRAIN_PHASE_PAUSED,
  GST_PATCH_CORE_TRAIN_PHASE_COLLECTED,
  GST_PATCH_CORE_TRAIN_PHASE_BUILDING,
  GST_PATCH_CORE_TRAIN_PHASE_DONE,
  GST_PATCH_CORE_TRAIN_PHASE_CANCELLED,
  GST_PATCH_CORE_TRAIN_PHASE_FAILED,
};

#define GST_TYPE_PATCH_CORE_TRAIN_PHASE (gst_patch_core_train_phase_get_type())
GType gst_patch_core_train_phase_get_type();

struct GstPatchCoreTrainStatus {
  GstPatchCoreTrainPhase phase = GST_PATCH_CORE_TRAIN_PHASE_STOPPED;
  patchcore::CollectedSoFar so_far;
  std::int64_t bank_patches = 0;  // of the bank that was written; 0: none was yet
};

/// Installs the properties from PROP_PHASE to PROP_BANK_PATCHES.
void gst_patch_core_train_install_status(GObjectClass* object_class);

/// Wants the lock that guards @p status.
/// @return false if @p id is none of those properties
bool gst_patch_core_train_get_status(const GstPatchCoreTrainStatus& status, guint id,
                                     GValue* value);
