// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The signals by which an application steers patchcoretrain.
#pragma once

#include <gst/gst.h>

#include "gst/gstpatchcoretrain.h"

/// What the element does when an application emits them.
struct GstPatchCoreTrainSignalHandlers {
  using Handler = void (*)(GstPatchCoreTrain* self);

  Handler finish;
  Handler pause;
  Handler resume;
  Handler cancel;
};

/// To be called by the class_init of patchcoretrain.
void gst_patch_core_train_install_signals(GObjectClass* object_class,
                                          const GstPatchCoreTrainSignalHandlers& handlers);
