// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pixel kernels for AVX2 instructions.
#include "core/kernels/pixels-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(32), aligned(4)));
};

}  // namespace

PixelKernels pixel_kernels_avx2() {
  return make_pixel_kernels<Register>("avx2");
}

}  // namespace patchcore
