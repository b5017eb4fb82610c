// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the overlay kernels at run time.
#include "core/kernels/overlay_rows.h"

namespace patchcore {

const std::vector<OverlayKernels>& overlay_kernels() {
  static const std::vector<OverlayKernels> kernels = [] {
    std::vector<OverlayKernels> runnable = {overlay_kernels_generic()};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2")) runnable.push_back(overlay_kernels_avx2());
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
