// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The row convolution kernels for AVX-512 instructions.
#include "core/kernels/row_convolution-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(64), aligned(4)));

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }
  static void store(Vector vector, float* values) { *reinterpret_cast<Vector*>(values) = vector; }
};

void copy(const float* values, std::size_t count, float* copied) {
  __builtin_memcpy(copied, values, count * sizeof(float));
}

using Loops = RowConvolutionLoops<Register>;

}  // namespace

RowConvolutionKernels<float> row_convolution_kernels_avx512() {
  return {"avx512", Loops::pointwise<Loops::Floats, 8, 3, float>,
          Loops::pointwise<Loops::Floats, 8, 3, float>, Loops::depthwise<float>, copy};
}

}  // namespace patchcore
