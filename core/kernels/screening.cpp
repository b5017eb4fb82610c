// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the screening kernel at run time.
#include "core/kernels/screening.h"

namespace patchcore {

const std::vector<ScreeningKernel>& screening_kernels() {
  static const std::vector<ScreeningKernel> kernels = [] {
    std::vector<ScreeningKernel> runnable = {screening_kernel_generic()};
#ifdef PATCHCORE_X86_KERNELS
    // The compiler's test covers the operating system's support, too.
    if (__builtin_cpu_supports("avx2")) runnable.push_back(screening_kernel_avx2());
    if (__builtin_cpu_supports("avx512bw")) {
      runnable.push_back(screening_kernel_avx512());
      if (__builtin_cpu_supports("avx512vnni")) runnable.push_back(screening_kernel_avx512vnni());
    }
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
