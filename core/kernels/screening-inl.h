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

/// @tparam Register   has the type Vector, of as many words as a register, and on it: load(),
///                    spread() of one word, smaller(), smallest_lane(), lanes_up_to() a limit as
///                    bits, and sum + row . query as add_pairs() and add_quads()
/// @tparam registers  in which the rows of a step are held
template <typename Register, std::size_t registers>
struct ScreeningLoops {
  using Vector = typename Register::Vector;

  static constexpr std::size_t lanes = sizeof(Vector) / sizeof(std::uint32_t);
  static constexpr std::size_t rows_per_step = lanes * registers;
  static_assert(rows_per_panel % rows_per_step == 0, "a panel is a whole number of steps");

  struct AddPairs {
    static Vector add(Vector sum, Vector row, Vector query) {
      return Register::add_pairs(sum, row, query);
    }
  };
  struct AddQuads {
    static Vector add(Vector sum, Vector row, Vector query) {
      return Register::add_quads(sum, row, query);
    }
  };

  /// The first queries of a group, one step of rows. Always inline, for the totals to stay in
  /// registers.
  template <typename Add, std::size_t count>
  static inline __attribute__((always_inline)) void add_words(const std::uint32_t* queries,
                                                              const std::uint32_t* rows,
                                                              std::size_t words,
                                                              Vector (&totals)[count][registers]) {
    for (std::size_t i = 0; i < words; ++i) {
      Vector values[registers];
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) values[r] = Register::load(rows + r * lanes);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < count; ++q) {
        const Vector query = Register::spread(queries[q]);
#pragma GCC unroll 8
        for (std::size_t r = 0; r < registers; ++r) {
          totals[q][r] = Add::add(totals[q][r], values[r], query);
        }
      }
      rows += rows_per_panel;
      queries += queries_per_group;
    }
  }

  /// One group of queries, one step of rows: the smallest sum of each lane.
  static void step(const std::uint32_t* queries, const std::uint32_t* rows,
                   const std::int32_t* offsets, const ScreeningWords& words, Vector* smallest) {
    Vector totals[queries_per_group][registers];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < queries_per_group; ++q) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) {
        totals[q][r] = Register::load(offsets + r * lanes);
      }
    }
    add_words<AddPairs>(queries, rows, words.pairs, totals);
    add_words<AddQuads>(queries + words.pairs * queries_per_group,
                        rows + words.pairs * rows_per_panel, words.quads, totals);
#pragma GCC unroll 8
    for (std::size_t q = 0; q < queries_per_group; ++q) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) {
        smallest[q] = Register::smaller(totals[q][r], smallest[q]);
      }
    }
  }

  static void panels(const ScreeningBlock& block, std::int32_t* smallest, std::size_t stride) {
    const std::size_t words = block.words.count();
    for (std::size_t group = 0; group < block.groups; ++group) {
      const std::uint32_t* queries = block.queries + group * words * queries_per_group;
      std::int32_t* of_group = smallest + group * queries_per_group * stride;
      for (std::size_t panel = 0; panel < block.panels; ++panel) {
        const std::uint32_t* rows = block.rows + panel * words * rows_per_panel;
        const std::int32_t* offsets = block.offsets + panel * rows_per_panel;
        Vector of_lanes[queries_per_group];
#pragma GCC unroll 8
        for (Vector& value : of_lanes) value = Register::spread(INT32_MAX);
        for (std::size_t row = 0; row < rows_per_panel; row += rows_per_step) {
          step(queries, rows + row, offsets + row, block.words, of_lanes);
        }
#pragma GCC unroll 8
        for (std::size_t q = 0; q < queries_per_group; ++q) {
          of_group[q * stride + panel] = Register::smallest_lane(of_lanes[q]);
        }
      }
    }
  }

  static std::size_t rows(const ScreeningRows& panel, std::int32_t limit, ScreenedRow* found) {
    const ScreeningWords& words = panel.words;
    std::size_t count = 0;
    for (std::size_t row = 0; row < rows_per_panel; row += rows_per_step) {
      Vector totals[1][registers];
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) {
        totals[0][r] = Register::load(panel.offsets + row + r * lanes);
      }
      add_words<AddPairs>(panel.query, panel.rows + row, words.pairs, totals);
      add_words<AddQuads>(panel.query + words.pairs * queries_per_group,
                          panel.rows + words.pairs * rows_per_panel + row, words.quads, totals);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < registers; ++r) {
        std::uint32_t below = Register::lanes_up_to(totals[0][r], limit);
        if (below == 0) continue;
        std::int32_t sums[lanes];
        __builtin_memcpy(sums, &totals[0][r], sizeof(sums));
        for (; below != 0; below &= below - 1) {
          const int lane = __builtin_ctz(below);
          found[count++] = {sums[lane], static_cast<std::int32_t>(row + r * lanes) + lane};
        }
      }
    }
    return count;
  }
};

template <typename Register, std::size_t registers>
ScreeningKernel make_screening_kernel(const char* instruction_set, bool prefers_quads) {
  using Loops = ScreeningLoops<Register, registers>;
  return {instruction_set, prefers_quads, Loops::panels, Loops::rows};
}

}  // namespace
}  // namespace patchcore
