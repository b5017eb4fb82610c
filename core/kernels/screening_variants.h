// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel in all its variants, for the dispatch alone. Which of them exist depends on
// the architecture.
#pragma once

#include "core/kernels/screening.h"

namespace patchcore {

void screening_generic(const ScreeningBlock& block, float* sums, float* smallest);
void screening_avx2(const ScreeningBlock& block, float* sums, float* smallest);
void screening_avx512(const ScreeningBlock& block, float* sums, float* smallest);

}  // namespace patchcore
