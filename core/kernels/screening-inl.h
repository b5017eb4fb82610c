// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every screening kernel. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have.
#pragma once

#include <cstdint>

#include "core/kernels/screening.h"

namespace patchcore {
namespace {

/// @tparam Register   has the types Vector, of float32 values and as many bytes as a register, that
///                    may lie anywhere, and Lanes, of as many integers
/// @tparam registers  in which the rows of a step are held
template <typename Register, std::size_t registers>
struct ScreeningLoops {
  using Vector = typename Register::Vector;
  using Lanes = typename Register::Lanes;

  static constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
  static constexpr std::size_t rows_per_step = lanes * registers;
  static_assert(rows_per_panel % rows_per_step == 0, "a panel is a whole number of steps");

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }

  static void store(float* values, Vector vector) { *reinterpret_cast<Vector*>(values) = vector; }

  static Vector smaller(Vector a, Vector b) { return a < b ? a : b; }

  /// One group of queries, one step of rows: the smallest sum of each lane.
  static void step(const float* queries, const float* rows, const float* offsets,
                   std::size_t length, Vector* smallest) {
    Vector totals[queries_per_group][registers];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < queries_per_group; ++q) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) totals[q][r] = load(offsets + r * lanes);
    }
    for (std::size_t i = 0; i < length; ++i) {
      Vector values[registers];
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) values[r] = load(rows + r * lanes);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < queries_per_group; ++q) {
#pragma GCC unroll 8
        for (std::size_t r = 0; r < registers; ++r) totals[q][r] += queries[q] * values[r];
      }
      rows += rows_per_panel;
      queries += queries_per_group;
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < queries_per_group; ++q) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) smallest[q] = smaller(totals[q][r], smallest[q]);
    }
  }

  static float smallest_lane(Vector vector) {
#pragma GCC unroll 8
    for (std::size_t half = lanes / 2; half > 0; half /= 2) {
      Lanes other = {};
#pragma GCC unroll 16
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        other[lane] = static_cast<std::int32_t>(lane ^ half);
      }
      vector = smaller(vector, __builtin_shuffle(vector, other));
    }
    return vector[0];
  }

  static void panels(const ScreeningBlock& block, float* smallest, std::size_t stride) {
    for (std::size_t group = 0; group < block.groups; ++group) {
      const float* queries = block.queries + group * block.length * queries_per_group;
      float* of_group = smallest + group * queries_per_group * stride;
      for (std::size_t panel = 0; panel < block.panels; ++panel) {
        const float* rows = block.rows + panel * block.length * rows_per_panel;
        const float* offsets = block.offsets + panel * rows_per_panel;
        Vector of_lanes[queries_per_group];
#pragma GCC unroll 8
        for (Vector& value : of_lanes) value = Vector{} + __builtin_inff();
        for (std::size_t row = 0; row < rows_per_panel; row += rows_per_step) {
          step(queries, rows + row, offsets + row, block.length, of_lanes);
        }
#pragma GCC unroll 8
        for (std::size_t q = 0; q < queries_per_group; ++q) {
          of_group[q * stride + panel] = smallest_lane(of_lanes[q]);
        }
      }
    }
  }

  static void rows(const float* query, const float* rows, const float* offsets, std::size_t length,
                   float* sums) {
    constexpr std::size_t count = rows_per_panel / lanes;
    Vector totals[count];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < count; ++r) totals[r] = load(offsets + r * lanes);
    for (std::size_t i = 0; i < length; ++i) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < count; ++r) {
        totals[r] += query[i * queries_per_group] * load(rows + i * rows_per_panel + r * lanes);
      }
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < count; ++r) store(sums + r * lanes, totals[r]);
  }
};

}  // namespace
}  // namespace patchcore
