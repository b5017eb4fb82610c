// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the Winograd kernels at run time.
#include "core/kernels/winograd.h"

namespace patchcore {

template <>
const std::vector<WinogradKernels<float>>& winograd_kernels() {
  static const std::vector<WinogradKernels<float>> kernels = [] {
    std::vector<WinogradKernels<float>> runnable;
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      runnable.push_back(winograd_kernels_avx2());
    }
    if (__builtin_cpu_supports("avx512f")) runnable.push_back(winograd_kernels_avx512());
#endif
    return runnable;
  }();
  return kernels;
}

template <>
const std::vector<WinogradKernels<Bfloat16Bits>>& winograd_kernels() {
  static const std::vector<WinogradKernels<Bfloat16Bits>> kernels = [] {
    std::vector<WinogradKernels<Bfloat16Bits>> runnable;
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw")) {
      runnable.push_back(winograd_kernels_avx512bf16());
    }
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
