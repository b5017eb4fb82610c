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
  ScreeningLevel(const PatchMatrix& bank, const PrincipalDirections& directions, std::size_t count,
                 const ScreeningKernel& kernel);

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
  float largest_sum(float kth_distance, double norm, double squared_length) const;
  void pack_bank();
  void search_block(const PatchMatrix& queries, const Coordinates& coordinates, std::size_t first,
                    double allowed, std::vector<Query>& states, Scratch& scratch) const;
  void screen(std::size_t groups, std::size_t first_panel, std::size_t panels,
              Scratch& scratch) const;
  void examine(const float* query, const float* packed, const float* smallest,
               std::size_t first_panel, std::size_t panels, double allowed, Query& state) const;
  void examine_panel(const float* query, const float* packed, std::size_t panel,
                     Candidates& candidates, Query& state) const;
  void compare(const float* query, Candidates& candidates, Query& state) const;

  const PatchMatrix& bank_;
  const PatchMatrix directions_;
  const ScreeningProjection projection_;
  const ScreeningKernel kernel_;
  const double error_;  ///< of the coordinates, relative to the length
  std::vector<float> panels_;
  std::vector<float> offsets_;
};

}  // namespace patchcore
