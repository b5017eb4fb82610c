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

/// The smallest of offset of the row + query . row, over the rows of each panel.
/// @param smallest  [groups * queries_per_group, stride], of which the first `panels` are written
using ScreenPanels = void (*)(const ScreeningBlock& block, float* smallest, std::size_t stride);

/// offset of the row + query . row for one query of a block and all rows of one panel.
/// @param query    its value at position i is query[i * queries_per_group]
/// @param rows     [length, rows_per_panel]
/// @param offsets  [rows_per_panel]
/// @param sums     [rows_per_panel]
using ScreenRows = void (*)(const float* query, const float* rows, const float* offsets,
                            std::size_t length, float* sums);

/// The same for every instruction set; they round differently.
struct ScreeningKernel {
  const char* instruction_set;
  ScreenPanels panels;
  ScreenRows rows;
};

/// Those that this machine can run, the slowest first.
const std::vector<ScreeningKernel>& screening_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
void screen_panels_generic(const ScreeningBlock& block, float* smallest, std::size_t stride);
void screen_panels_avx2(const ScreeningBlock& block, float* smallest, std::size_t stride);
void screen_panels_avx512(const ScreeningBlock& block, float* smallest, std::size_t stride);
void screen_rows_generic(const float* query, const float* rows, const float* offsets,
                         std::size_t length, float* sums);
void screen_rows_avx2(const float* query, const float* rows, const float* offsets,
                      std::size_t length, float* sums);
void screen_rows_avx512(const float* query, const float* rows, const float* offsets,
                        std::size_t length, float* sums);

}  // namespace patchcore
