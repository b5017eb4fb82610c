// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the pixel kernels at run time.
#include "core/kernels/pixels.h"

namespace patchcore {

const std::vector<PixelKernels>& pixel_kernels() {
  static const std::vector<PixelKernels> kernels = [] {
    std::vector<PixelKernels> runnable = {pixel_kernels_generic()};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2")) runnable.push_back(pixel_kernels_avx2());
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
