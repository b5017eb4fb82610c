// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every screening kernel. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have.
#pragma once

#include "core/kernels/screening.h"

namespace patchcore {
namespace {

/// @tparam Register   has a type Vector, of float32 values and as many bytes as a register, that
/// may
///                    lie anywhere
/// @tparam registers  in which the rows of a step are held
template <typename Register, std::size_t registers>
struct ScreeningLoops {
  using Vector = typename Register::Vector;

  static constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
  static constexpr std::size_t rows_per_step = lanes * registers;
  static_assert(rows_per_panel % rows_per_step == 0, "a panel is a whole number of steps");

  static Vector load(const float* values) { return *reinterpret_cast<const Vector*>(values); }

  /// One group of queries, one step of rows.
  static void step(const float* queries, const float* rows, const float* offsets,
                   std::size_t length, float* sums, std::size_t sums_stride, Vector* smallest) {
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
      for (std::size_t r = 0; r < registers; ++r) {
        *reinterpret_cast<Vector*>(sums + q * sums_stride + r * lanes) = totals[q][r];
        smallest[q] = totals[q][r] < smallest[q] ? totals[q][r] : smallest[q];
      }
    }
  }

  static void run(const ScreeningBlock& block, float* sums, float* smallest) {
    const std::size_t stride = block.panels * rows_per_panel;
    for (std::size_t group = 0; group < block.groups; ++group) {
      const float* queries = block.queries + group * block.length * queries_per_group;
      float* group_sums = sums + group * queries_per_group * stride;
      Vector group_smallest[queries_per_group];
      for (Vector& value : group_smallest) value = Vector{} + __builtin_inff();
      for (std::size_t row = 0; row < stride; row += rows_per_step) {
        const std::size_t panel = row / rows_per_panel;
        const float* rows =
            block.rows + panel * block.length * rows_per_panel + row % rows_per_panel;
        step(queries, rows, block.offsets + row, block.length, group_sums + row, stride,
             group_smallest);
      }
      for (std::size_t q = 0; q < queries_per_group; ++q) {
        float least = group_smallest[q][0];
        for (std::size_t lane = 1; lane < lanes; ++lane) {
          least = group_smallest[q][lane] < least ? group_smallest[q][lane] : least;
        }
        smallest[group * queries_per_group + q] = least;
      }
    }
  }
};

}  // namespace
}  // namespace patchcore
