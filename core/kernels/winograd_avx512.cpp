// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The Winograd kernels for AVX-512 instructions.
#include "core/kernels/winograd-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(64), aligned(4)));

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }
  static void store(Vector vector, float* values) { *reinterpret_cast<Vector*>(values) = vector; }
};

using Loops = WinogradLoops<Register>;

}  // namespace

WinogradKernels<float> winograd_kernels_avx512() {
  return {"avx512", Loops::transform_inputs<float>, Loops::transform_outputs<float>};
}

}  // namespace patchcore
