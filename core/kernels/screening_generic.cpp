// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screening kernel for every machine's instructions.
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstdint>

#include "core/kernels/screening-inl.h"

namespace patchcore {
namespace {

struct Register {
  typedef std::int32_t Vector __attribute__((vector_size(16)));

  static Vector load(const void* words) {
    Vector vector;
    __builtin_memcpy(&vector, words, sizeof(vector));
    return vector;
  }

  static Vector spread(std::uint32_t word) { return Vector{} + static_cast<std::int32_t>(word); }

  static Vector smaller(Vector a, Vector b) { return a < b ? a : b; }

  static std::int32_t smallest_lane(Vector vector) {
    std::int32_t smallest = vector[0];
    for (int lane = 1; lane < 4; ++lane)
      smallest = vector[lane] < smallest ? vector[lane] : smallest;
    return smallest;
  }

  static std::uint32_t lanes_up_to(Vector vector, std::int32_t limit) {
    std::uint32_t bits = 0;
    for (int lane = 0; lane < 4; ++lane) bits |= std::uint32_t{vector[lane] <= limit} << lane;
    return bits;
  }

  /// So many bits of each word, from the lowest of them on, as a signed number.
  template <int begin, int bits>
  static Vector part(Vector words) {
    typedef std::uint32_t Unsigned __attribute__((vector_size(16)));
    return reinterpret_cast<Vector>(reinterpret_cast<Unsigned>(words) << (32 - begin - bits)) >>
           (32 - bits);
  }

  static Vector add_pairs(Vector sum, Vector row, Vector query) {
#ifdef __SSE2__
    // Of every x86-64, which has no other product of whole numbers that would do.
    return sum + reinterpret_cast<Vector>(_mm_madd_epi16(reinterpret_cast<__m128i>(row),
                                                         reinterpret_cast<__m128i>(query)));
#else
    return sum + part<0, 16>(row) * part<0, 16>(query) + part<16, 16>(row) * part<16, 16>(query);
#endif
  }

  static Vector add_quads(Vector sum, Vector row, Vector query) {
    constexpr std::int32_t byte = 255;
    return sum + (part<0, 8>(row) & byte) * part<0, 8>(query) +
           (part<8, 8>(row) & byte) * part<8, 8>(query) +
           (part<16, 8>(row) & byte) * part<16, 8>(query) +
           (part<24, 8>(row) & byte) * part<24, 8>(query);
  }
};

}  // namespace

ScreeningKernel screening_kernel_generic() {
  return make_screening_kernel<Register, 2>("generic", false);
}

}  // namespace patchcore
