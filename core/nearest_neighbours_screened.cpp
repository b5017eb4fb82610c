// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Exact nearest-neighbour search that compares in full only where a lower bound lets it.
#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/nearest_neighbours.h"
#include "core/patch_matrix.h"
#include "core/screening_level.h"
#include "core/screening_quantization.h"

namespace patchcore {
namespace {

/// Of all directions, those with which the search was fastest on features of networks, measured
/// with tests/bench/nearest_neighbours_bench.cpp: the more, the less one of them costs.
std::size_t first_directions(std::size_t all, bool with_quads) {
  const std::size_t share = with_quads ? all * 2 / 5 : all * 3 / 10;
  // No word is left half empty; one value is what the directions leave out.
  return std::min(all, ScreeningQuantization::full_length(share + 1, with_quads) - 1);
}

/// Patches like those of the bank need few directions. For those of another kind, with long parts
/// outside of them, the bound is weak; with more directions it still pays.
class NearestNeighboursScreened : public NearestNeighbours {
 public:
  NearestNeighboursScreened(const PatchMatrix& bank, const PrincipalDirections& directions,
                            const ScreeningKernel& kernel)
      : bank_(bank) {
    check_searchable(bank);
    check_principal_directions(directions, bank.columns);
    const std::size_t all = directions.directions.rows;
    const std::size_t few = first_directions(all, kernel.prefers_quads);
    if (few < all) levels_.emplace_back(bank, directions, few, kernel.prefers_quads, kernel);
    levels_.emplace_back(bank, directions, all, false, kernel);
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override;

 private:
  void search_levels(const PatchMatrix& queries, std::size_t k, Neighbours& result) const;

  const PatchMatrix& bank_;
  std::vector<ScreeningLevel> levels_;
};

void resize(Neighbours& neighbours, std::size_t queries, std::size_t k) {
  neighbours.queries = queries;
  neighbours.k = k;
  neighbours.distances.resize(queries * k);
  neighbours.indices.resize(queries * k);
}

void NearestNeighboursScreened::search(const PatchMatrix& queries, std::size_t k,
                                       Neighbours& result) const {
  check_queries(queries, k, bank_.rows, bank_.columns);
  try {
    resize(result, queries.rows, k);
    if (queries.rows > 0) search_levels(queries, k, result);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "Not enough memory for a search for " +
                                         std::to_string(queries.rows) + " x " +
                                         std::to_string(queries.columns) + " queries");
  }
}

void NearestNeighboursScreened::search_levels(const PatchMatrix& queries, std::size_t k,
                                              Neighbours& result) const {
  constexpr double unlimited = std::numeric_limits<double>::infinity();
  const ScreeningLevel& last = levels_.back();
  if (levels_.size() == 1) {
    last.search(queries, k, {}, unlimited, result);
    return;
  }
  // As many full comparisons as cost what the other level does.
  const double allowed = last.cost() / comparison_cost(bank_.columns);
  const ScreeningLevel::Unfinished rest = levels_.front().search(queries, k, {}, allowed, result);
  if (rest.queries.empty()) return;
  Neighbours found;
  resize(found, rest.queries.size(), k);
  last.search(pick_rows(queries, rest.queries), k, rest.bounds, unlimited, found);
  for (std::size_t i = 0; i < rest.queries.size(); ++i) {
    for (std::size_t n = 0; n < k; ++n) {
      result.distances[rest.queries[i] * k + n] = found.distances[i * k + n];
      result.indices[rest.queries[i] * k + n] = found.indices[i * k + n];
    }
  }
}

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_screened(
    const PatchMatrix& bank, const PrincipalDirections& directions) {
  return make_nearest_neighbours_screened(bank, directions, screening_kernels().back());
}

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_screened(
    const PatchMatrix& bank, const PrincipalDirections& directions, const ScreeningKernel& kernel) {
  try {
    return std::make_unique<NearestNeighboursScreened>(bank, directions, kernel);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "Not enough memory for the index of " +
                                         std::to_string(bank.rows) + " x " +
                                         std::to_string(bank.columns) + " patches");
  }
}

}  // namespace patchcore
