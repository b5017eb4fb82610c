// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The signals by which an application steers patchcoretrain.
#include "gst/gstpatchcoretrainsignals.h"

static void add_signal(GObjectClass* object_class, const char* name,
                       GstPatchCoreTrainSignalHandlers::Handler handler) {
  g_signal_new_class_handler(name, G_OBJECT_CLASS_TYPE(object_class),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(handler), nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
}

void gst_patch_core_train_install_signals(GObjectClass* object_class,
                                          const GstPatchCoreTrainSignalHandlers& handlers) {
  /**
   * GstPatchCoreTrain::finish:
   * @train: the element
   *
   * Ends collecting and builds the bank in the background while frames go on passing. The message
   * `patchcore-trained` says when it is written. The end of the stream waits for it and builds no
   * other. Ignored, with a warning, while there is nothing to finish.
   *
   * Since: 0.1
   */
  add_signal(object_class, "finish", handlers.finish);
  /**
   * GstPatchCoreTrain::pause:
   * @train: the element
   *
   * Lets frames pass without collecting them, from the next one on, until
   * #GstPatchCoreTrain::resume. What was collected is kept, and may be finished. Ignored, with a
   * warning, while nothing is collected.
   *
   * Since: 0.1
   */
  add_signal(object_class, "pause", handlers.pause);
  /**
   * GstPatchCoreTrain::resume:
   * @train: the element
   *
   * Collects again after #GstPatchCoreTrain::pause.
   *
   * Since: 0.1
   */
  add_signal(object_class, "resume", handlers.resume);
  /**
   * GstPatchCoreTrain::cancel:
   * @train: the element
   *
   * Drops what was collected, or ends a build that is under way, and leaves no file; a bank that
   * was there stays. Frames go on passing. The progress message of the stage that was under way
   * ends with %GST_PROGRESS_TYPE_CANCELED. Ignored, with a warning, after the end of the run.
   *
   * Since: 0.1
   */
  add_signal(object_class, "cancel", handlers.cancel);
}
