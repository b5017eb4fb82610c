// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the convolution finish kernels at run time.
#include "core/kernels/convolution_finish.h"

namespace patchcore {

const std::vector<ConvolutionFinishKernels>& convolution_finish_kernels() {
  static const std::vector<ConvolutionFinishKernels> kernels = [] {
    std::vector<ConvolutionFinishKernels> runnable = {convolution_finish_kernels_generic()};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2")) runnable.push_back(convolution_finish_kernels_avx2());
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
