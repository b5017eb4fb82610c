// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The inner loop of the screened search: many short dot products of whole numbers, written for each
// instruction set.
//
// Values lie in words of 32 bits. The first words of a vector hold a pair of values of 16 bits
// each, the first one in the lower half; the others hold a quad of 8 bits each, the lowest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchcore {

/// Queries are computed in groups that fit the registers.
constexpr std::size_t queries_per_group = 6;
/// Rows of the bank lie in panels, whose words at one position fill whole registers.
constexpr std::size_t rows_per_panel = 128;

/// Words of a vector.
struct ScreeningWords {
  std::size_t pairs = 0;  ///< of signed values in queries and in rows
  std::size_t quads = 0;  ///< of signed values in queries, of unsigned ones in rows

  std::size_t count() const { return pairs + quads; }
};

/// Some queries and some rows of the bank, packed.
struct ScreeningBlock {
  const std::uint32_t* queries = nullptr;  ///< [groups, words, queries_per_group]
  std::size_t groups = 0;
  const std::uint32_t* rows = nullptr;    ///< [panels, words, rows_per_panel]
  const std::int32_t* offsets = nullptr;  ///< [panels * rows_per_panel]
  std::size_t panels = 0;
  ScreeningWords words;
};

/// The smallest of offset of the row + query . row, over the rows of each panel. Sums that do not
/// fit 32 bits, with those on the way to them, are not asked for.
/// @param smallest  [groups * queries_per_group, stride], of which the first `panels` are written
using ScreenPanels = void (*)(const ScreeningBlock& block, std::int32_t* smallest,
                              std::size_t stride);

/// A row of a panel.
struct ScreenedRow {
  std::int32_t sum;
  std::int32_t row;  ///< within the panel
};

/// One query of a block and one panel.
struct ScreeningRows {
  const std::uint32_t* query = nullptr;   ///< word i is query[i * queries_per_group]
  const std::uint32_t* rows = nullptr;    ///< [words, rows_per_panel]
  const std::int32_t* offsets = nullptr;  ///< [rows_per_panel]
  ScreeningWords words;
};

/// The rows of the panel whose offset + query . row is at most @p limit, in their order.
/// @param found  room for rows_per_panel
/// @return how many they are
using ScreenRows = std::size_t (*)(const ScreeningRows& panel, std::int32_t limit,
                                   ScreenedRow* found);

/// The same for every instruction set, to the last bit.
struct ScreeningKernel {
  const char* instruction_set;
  bool prefers_quads;  ///< a quad takes no longer than a pair
  ScreenPanels panels;
  ScreenRows rows;
};

/// Those that this machine can run, the slowest first.
const std::vector<ScreeningKernel>& screening_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
ScreeningKernel screening_kernel_generic();
ScreeningKernel screening_kernel_avx2();
ScreeningKernel screening_kernel_avx512();
ScreeningKernel screening_kernel_avx512vnni();

}  // namespace patchcore
