// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the screening kernel at run time.
#include "core/kernels/screening.h"

namespace patchcore {

const std::vector<ScreeningKernel>& screening_kernels() {
  static const std::vector<ScreeningKernel> kernels = [] {
    std::vector<ScreeningKernel> runnable = {
        {"generic", screen_panels_generic, screen_rows_generic}};
#ifdef PATCHCORE_X86_KERNELS
    // The compiler's test covers the operating system's support, too.
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      runnable.push_back({"avx2", screen_panels_avx2, screen_rows_avx2});
    }
    if (__builtin_cpu_supports("avx512f")) {
      runnable.push_back({"avx512", screen_panels_avx512, screen_rows_avx512});
    }
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
