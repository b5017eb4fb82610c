// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The convolution finish kernels for every machine's instructions.
#include "core/kernels/convolution_finish-inl.h"

namespace patchcore {

ConvolutionFinishKernels convolution_finish_kernels_generic() {
  return {"generic", finish_sums<float>, finish_sums<Bfloat16Bits>};
}

}  // namespace patchcore
