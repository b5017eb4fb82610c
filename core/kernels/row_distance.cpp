// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Chooses the row distance kernel at run time.
#include "core/kernels/row_distance.h"

namespace patchcore {

const std::vector<RowDistanceKernel>& row_distance_kernels() {
  static const std::vector<RowDistanceKernel> kernels = [] {
    std::vector<RowDistanceKernel> runnable = {{"generic", row_distance_generic}};
#ifdef PATCHCORE_X86_KERNELS
    if (__builtin_cpu_supports("avx2")) runnable.push_back({"avx2", row_distance_avx2});
#endif
    return runnable;
  }();
  return kernels;
}

}  // namespace patchcore
