// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The inner loop of the screened search: many short dot products, written for each instruction set.
#pragma once

#include <cstddef>
#include <vector>

namespace patchcore {

/// Queries are computed in groups that fit the registers.
constexpr std::size_t queries_per_group = 6;
/// Rows of the bank lie in panels, whose values at one position fill whole registers.
constexpr std::size_t rows_per_panel = 32;

/// Some queries and some rows of the bank, packed.
struct ScreeningBlock {
  const float* queries = nullptr;  ///< [groups, length, queries_per_group]
  std::size_t groups = 0;
  const float* rows = nullptr;     ///< [panels, length, rows_per_panel]
  const float* offsets = nullptr;  ///< [panels * rows_per_panel]
  std::size_t panels = 0;
  std::size_t length = 0;  ///< of each query and row
};

/// sums = offset of the row + query . row, for all pairs, and the smallest sum of each query.
/// @param sums      [groups * queries_per_group, panels * rows_per_panel]
/// @param smallest  [groups * queries_per_group]
using Screening = void (*)(const ScreeningBlock& block, float* sums, float* smallest);

/// The same for every instruction set; they round differently.
struct ScreeningKernel {
  const char* instruction_set;
  Screening run;
};

/// Those that this machine can run, the slowest first.
const std::vector<ScreeningKernel>& screening_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
void screening_generic(const ScreeningBlock& block, float* sums, float* smallest);
void screening_avx2(const ScreeningBlock& block, float* sums, float* smallest);
void screening_avx512(const ScreeningBlock& block, float* sums, float* smallest);

}  // namespace patchcore
