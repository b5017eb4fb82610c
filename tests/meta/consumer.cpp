// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a C++ program builds against the public headers alone with every warning on.
#include <gst/patchcore/patchcore.h>

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GstBuffer* buffer = gst_buffer_new();
  const GstPatchCoreMeta* meta = gst_buffer_add_patch_core_meta(buffer);
  const bool found = meta != nullptr && gst_buffer_get_patch_core_meta(buffer) == meta;
  gst_buffer_unref(buffer);
  return found ? 0 : 1;
}
