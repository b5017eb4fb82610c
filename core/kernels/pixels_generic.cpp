// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pixel kernels for every machine's instructions.
#include "core/kernels/pixels-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(16), aligned(4)));
};

}  // namespace

PixelKernels pixel_kernels_generic() {
  return make_pixel_kernels<Register>("generic");
}

}  // namespace patchcore
