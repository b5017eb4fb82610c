/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * Protects that a C program builds against the public headers alone with every warning on. */
#include <gst/patchcore/patchcore.h>

int main(int argc, char** argv) {
  GstBuffer* buffer;
  GstPatchCoreMeta* meta;
  gboolean found;

  gst_init(&argc, &argv);
  buffer = gst_buffer_new();
  meta = gst_buffer_add_patch_core_meta(buffer);
  found = meta != NULL && gst_buffer_get_patch_core_meta(buffer) == meta;
  gst_buffer_unref(buffer);
  return found ? 0 : 1;
}
