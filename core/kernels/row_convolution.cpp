// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the row convolution kernels at run time.
#include "core/kernels/row_convolution.h"

namespace patchcore {

template <>
const std::vector<RowConvolutionKernels<float>>& row_convolution_kernels() {
  static const std::vector<RowConvolutionKernels<float>> kernels = [] {
    std::vector<RowConvolutionKernels<float>> runnable = {row_convolution_kernels_generic()};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      runnable.push_back(row_convolution_kernels_avx2());
    }
    if (__builtin_cpu_supports("avx512f")) runnable.push_back(row_convolution_kernels_avx512());
#endif
    return runnable;
  }();
  return kernels;
}

template <>
const std::vector<RowConvolutionKernels<Bfloat16Bits>>& row_convolution_kernels() {
  static const std::vector<RowConvolutionKernels<Bfloat16Bits>> kernels = [] {
    std::vector<RowConvolutionKernels<Bfloat16Bits>> runnable = {
        row_convolution_kernels_bfloat16_generic()};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw")) {
      runnable.push_back(row_convolution_kernels_avx512bf16());
    }
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
