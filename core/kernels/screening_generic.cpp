// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for every machine's instructions.
#include <cstdint>

#include "core/kernels/screening-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef float Vector __attribute__((vector_size(16), aligned(4)));
  typedef std::int32_t Lanes __attribute__((vector_size(16)));
};

}  // namespace

void screen_panels_generic(const ScreeningBlock& block, float* smallest, std::size_t stride) {
  ScreeningLoops<Register, 2>::panels(block, smallest, stride);
}

void screen_rows_generic(const float* query, const float* rows, const float* offsets,
                         std::size_t length, float* sums) {
  ScreeningLoops<Register, 2>::rows(query, rows, offsets, length, sums);
}

}  // namespace patchcore
