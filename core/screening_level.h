// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One stage of the screened search: a lower bound of all distances over so many directions, and
// full comparisons where it is low enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/kernels/screening.h"
#include "core/principal_directions.h"
#include "core/screening_projection.h"
#include "core/screening_quantization.h"
#include "core/types.h"

namespace patchcore {

/// What a search costs, in multiply-adds of the screening kernel; measured with
/// tests/bench/nearest_neighbours_bench.cpp.
constexpr double cost_beside_directions = 8;  ///< of one bound, beside one for each direction
constexpr double cost_of_candidate = 6000;    ///< of finding it in its panel, and of waiting for it
constexpr double cost_per_value_compared = 20;

/// Of one full comparison.
constexpr double comparison_cost(std::size_t columns) {
  return cost_of_candidate + cost_per_value_compared * static_cast<double>(columns);
}

/// Immutable; search() may be called from any thread.
class ScreeningLevel {
 public:
  /// @param bank        kept by reference
  /// @param directions  those of check_principal_directions(), of which this level takes the first
  /// @param count       1 to the number of directions
  /// @param with_quads  whether most coordinates may be rounded to 8 bits
  ScreeningLevel(const PatchMatrix& bank, const PrincipalDirections& directions, std::size_t count,
                 bool with_quads, const ScreeningKernel& kernel);

  /// Multiply-adds for one query without its full comparisons.
  double cost() const;

  /// Queries for which the bound is too weak.
  struct Unfinished {
    std::vector<std::size_t> queries;
    std::vector<float> bounds;  ///< of the squared distance of the k-th neighbour, or infinite
  };

  /// The exact neighbours of all queries but those that are returned.
  /// @param bounds   [queries] upper bounds of the squared distance of the k-th neighbour; or empty
  /// @param allowed  full comparisons of a query: one that is about to need more is left unfinished
  /// @param result   its size is right
  Unfinished search(const PatchMatrix& queries, std::size_t k, const std::vector<float>& bounds,
                    double allowed, Neighbours& result) const;

 private:
  using Coordinates = ScreeningProjection::Coordinates;
  struct Query;
  struct Candidates;
  struct Scratch;

  double coordinate_error(double deviation) const;
  double largest_distance(float kth_distance, double norm) const;
  ScreeningQuantization make_quantization(bool with_quads) const;
  void pack_bank();
  void pack_queries(const Coordinates& coordinates, std::size_t first, std::size_t count,
                    std::vector<Query>& states, Scratch& scratch) const;
  void search_block(const PatchMatrix& queries, std::size_t first, std::size_t count,
                    double allowed, std::vector<Query>& states, Scratch& scratch) const;
  void screen(std::size_t groups, std::size_t first_panel, std::size_t panels,
              Scratch& scratch) const;
  ScreeningRows panel_rows(const std::uint32_t* packed, std::size_t panel) const;
  void choose_seeds(const std::uint32_t* packed, const std::int32_t* smallest,
                    std::size_t first_panel, std::size_t panels, Query& state) const;
  void examine(const float* query, const std::uint32_t* packed, const std::int32_t* smallest,
               std::size_t first_panel, std::size_t panels, double allowed, Candidates& candidates,
               Query& state) const;
  void compare_candidates(Candidates& candidates) const;
  void compare(const float* query, std::size_t row, Query& state) const;
  void limit(Query& state) const;
  void prefetch(std::size_t row) const;

  const PatchMatrix& bank_;
  const PatchMatrix directions_;
  const ScreeningProjection projection_;
  const ScreeningKernel kernel_;
  const double error_;  ///< of the coordinates, relative to the length
  const ScreeningQuantization quantization_;
  std::vector<std::uint32_t> panels_;
  std::vector<std::int32_t> offsets_;
  double row_error_ = 0;  ///< the largest of the quantization
};

}  // namespace patchcore
