// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The overlay kernels for AVX2 instructions.
#include <immintrin.h>

#include "core/kernels/overlay_rows-inl.h"

namespace patchcore {
namespace {

__m128i load(const std::uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

/// As mixed(), of 16.
void stretch(const StretchedBlock* blocks, std::size_t count, const std::uint8_t* row,
             std::uint16_t* target) {
  const __m256i half = _mm256_set1_epi16(overlay_weight_one / 2);
  for (std::size_t i = 0; i < count; ++i) {
    const StretchedBlock& block = blocks[i];
    const __m128i samples = load(row + block.base);
    const __m256i first = _mm256_cvtepu8_epi16(_mm_shuffle_epi8(samples, load(block.first)));
    const __m256i second = _mm256_cvtepu8_epi16(_mm_shuffle_epi8(samples, load(block.second)));
    const __m256i weight = _mm256_cvtepu8_epi16(load(block.weight));
    const __m256i product = _mm256_mullo_epi16(_mm256_sub_epi16(second, first), weight);
    const __m256i sum =
        _mm256_add_epi16(_mm256_add_epi16(_mm256_slli_epi16(first, 7), product), half);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + block.target),
                        _mm256_srli_epi16(sum, 7));
  }
}

static_assert(overlay_weight_one == 1 << 7, "what is shifted by");

}  // namespace

OverlayKernels overlay_kernels_avx2() {
  return {"avx2", weigh, stretch, blend};
}

}  // namespace patchcore
