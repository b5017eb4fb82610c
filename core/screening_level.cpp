// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One stage of the screened search.
//
// Let m be a mean and Q a matrix of orthonormal rows. Of x = patch - m take z(x) = (Qx, r) with
// r = |x - Q'Qx|, what the directions leave out. Then
//
//   |z(a) - z(b)|^2 = |Qa - Qb|^2 + (r_a - r_b)^2 <= |a - b|^2,
//
// a lower bound of a few dimensions. It holds for any m and Q; how often it is low enough to need
// the full comparison depends on them. What follows from rounding is in the comments at
// coordinate_error(), largest_distance() and in screening_quantization.h: a patch that belongs to
// the result is never passed over.
#include "core/screening_level.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/distances.h"
#include "core/nearest_list.h"
#include "core/patch_matrix.h"

namespace patchcore {
namespace {

// Some panels of the bank stay in the first cache, the smallest sums of a block of queries with
// the patches that they are compared with first in the second.
constexpr std::size_t groups_per_block = 8;
constexpr std::size_t queries_per_block = groups_per_block * queries_per_group;
constexpr std::size_t bytes_at_a_time = 24 * 1024;
constexpr std::size_t panels_per_block = 256;
constexpr std::size_t rows_at_a_time = 1024;
constexpr std::size_t floats_per_cache_line = 16;

/// Of rows too long to have a bound: below any limit, and of those beyond the bank: above all.
constexpr std::int32_t below_all = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t above_all = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t no_limit = above_all - 1;

constexpr double unit_roundoff = 0x1p-24;
/// Longer patches would overflow in the bounds; they are compared in full.
constexpr double largest_squared_length = std::numeric_limits<float>::max() / 256;

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The relative error of a sum of n products (N. Higham, Accuracy and Stability of Numerical
/// Algorithms, section 3.1).
double gamma(std::size_t n) {
  const double error = static_cast<double>(n) * unit_roundoff;
  return error / (1 - error);
}

std::size_t divide_up(std::size_t value, std::size_t by) {
  return (value + by - 1) / by;
}

/// Not below the length of x: what was computed may be too small by its rounding.
double upper_length(double computed) {
  return computed * (1 + 4 * unit_roundoff);
}

}  // namespace

/// A query on its way.
struct ScreeningLevel::Query {
  NearestList nearest;
  double norm = 0;         ///< of x
  bool has_bound = false;  ///< not too long for one
  ScreeningQuantization::Query code;
  float bound = infinity;               ///< of the squared distance of the k-th neighbour
  std::int32_t largest_sum = no_limit;  ///< a row whose sum is above can't be among the nearest
  std::size_t comparisons = 0;
  bool given_up = false;
  std::size_t seed_panel = 0;
  std::vector<std::size_t> seeds;  ///< rows of that panel that are compared first
};

/// Rows that a query may have to be compared with.
struct ScreeningLevel::Candidates {
  static constexpr std::size_t capacity = 2 * rows_per_panel;

  const float* query = nullptr;
  Query* state = nullptr;
  std::size_t count = 0;
  std::size_t rows[capacity];
  std::int32_t sums[capacity];
};

struct ScreeningLevel::Scratch {
  explicit Scratch(std::size_t words)
      : queries(queries_per_block * words), smallest(queries_per_block * panels_per_block) {}

  std::vector<std::uint32_t> queries;  ///< packed
  std::vector<std::int32_t> smallest;  ///< [queries_per_block, panels_per_block]
  Candidates candidates[2];            ///< of this query and of the one before

  std::uint32_t* packed(std::size_t query) {
    const std::size_t words = queries.size() / queries_per_block;
    return queries.data() + query / queries_per_group * queries_per_group * words +
           query % queries_per_group;
  }

  const std::int32_t* of_query(std::size_t query) const {
    return smallest.data() + query * panels_per_block;
  }
};

ScreeningLevel::ScreeningLevel(const PatchMatrix& bank, const PrincipalDirections& directions,
                               std::size_t count, bool with_quads, const ScreeningKernel& kernel)
    : bank_(bank),
      directions_(copy_rows(directions.directions, 0, count)),
      projection_(directions_, directions.mean),
      kernel_(kernel),
      error_(coordinate_error(deviation_from_orthonormal(directions_))),
      quantization_(make_quantization(with_quads)) {
  pack_bank();
}

double ScreeningLevel::cost() const {
  const auto count = static_cast<double>(directions_.rows);
  return static_cast<double>(bank_.rows) * (count + 1 + cost_beside_directions) +
         2 * count * static_cast<double>(bank_.columns);
}

/// |computed z - z| <= coordinate_error() * |x|, z being that of the orthonormal Q nearest to the
/// directions D. Dx costs the rounding of x and of a sum of as many products as it has columns;
/// what D leaves out, that of Dx, of D'Dx and of the difference.
double ScreeningLevel::coordinate_error(double deviation) const {
  const std::size_t count = directions_.rows;
  const double frobenius = std::sqrt(static_cast<double>(count)) * (1 + deviation);
  const double projected = gamma(bank_.columns + 2) * frobenius + deviation + 2 * unit_roundoff;
  const double left_out =
      2 * projected + deviation + gamma(count + 2) * (1 + frobenius) * 1.01 + 8 * unit_roundoff;
  return 1.01 * std::hypot(projected, left_out);
}

/// A row whose computed z is further away than this is further away than the k-th nearest so far.
/// Were it not, then |x_b| <= |x_q| + d with d the true distance of the k-th, and the computed z
/// would be no further apart than d and their two errors.
double ScreeningLevel::largest_distance(float kth_distance, double norm) const {
  // squared_row_distance() is a sum of as many terms; those that underflow add the last part.
  const double distance =
      std::sqrt(static_cast<double>(kth_distance)) * (1 + gamma(bank_.columns + 8)) +
      std::sqrt(static_cast<double>(bank_.columns) * std::numeric_limits<float>::min());
  return distance + error_ * (2 * norm + distance);
}

/// After the bound has changed.
void ScreeningLevel::limit(Query& state) const {
  if (!state.has_bound || !(state.bound < infinity)) return;
  state.largest_sum =
      quantization_.largest_sum(state.code, largest_distance(state.bound, state.norm), row_error_);
}

ScreeningQuantization ScreeningLevel::make_quantization(bool with_quads) const {
  const std::size_t length = projection_.length();
  const ScreeningWords words = ScreeningQuantization::words_for(length, with_quads);
  ScreeningQuantization::Range range;
  for (std::size_t first = 0; first < bank_.rows; first += rows_at_a_time) {
    const std::size_t count = std::min(rows_at_a_time, bank_.rows - first);
    const Coordinates coordinates = projection_.project(bank_, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!(coordinates.squared_lengths[i] <= largest_squared_length)) continue;
      range.include(coordinates.values.data() + i * length, length, words);
    }
  }
  return ScreeningQuantization(length, words, range);
}

void ScreeningLevel::pack_bank() {
  const std::size_t length = projection_.length();
  const std::size_t words = quantization_.words().count();
  const std::size_t rows = divide_up(bank_.rows, rows_per_panel) * rows_per_panel;
  panels_.assign(rows * words, 0);
  offsets_.assign(rows, above_all);
  for (std::size_t first = 0; first < bank_.rows; first += rows_at_a_time) {
    const std::size_t count = std::min(rows_at_a_time, bank_.rows - first);
    const Coordinates coordinates = projection_.project(bank_, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      if (!(coordinates.squared_lengths[i] <= largest_squared_length)) {
        offsets_[row] = below_all;  // with words of zero
        continue;
      }
      const ScreeningQuantization::Row packed = quantization_.pack_row(
          coordinates.values.data() + i * length,
          panels_.data() + row / rows_per_panel * rows_per_panel * words + row % rows_per_panel,
          rows_per_panel);
      offsets_[row] = packed.offset;
      row_error_ = std::max(row_error_, packed.error);
    }
  }
}

ScreeningLevel::Unfinished ScreeningLevel::search(const PatchMatrix& queries, std::size_t k,
                                                  const std::vector<float>& bounds, double allowed,
                                                  Neighbours& result) const {
  const Coordinates coordinates = projection_.project(queries, 0, queries.rows);
  std::vector<Query> states(queries.rows);
  for (std::size_t q = 0; q < queries.rows; ++q) {
    Query& state = states[q];
    state.nearest = {result.distances.data() + q * k, result.indices.data() + q * k, k};
    state.norm = upper_length(coordinates.lengths[q]);
    state.has_bound = state.norm * state.norm <= largest_squared_length;
    if (!bounds.empty()) state.bound = bounds[q];
    state.seeds.reserve(std::min(k, rows_per_panel));
  }
  const std::size_t blocks = divide_up(queries.rows, queries_per_block);
  // No exception may leave a parallel region, so all memory is taken before it.
  const auto threads =
      static_cast<int>(std::min(blocks, static_cast<std::size_t>(omp_get_max_threads())));
  std::vector<Scratch> scratches(static_cast<std::size_t>(threads),
                                 Scratch(quantization_.words().count()));
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::size_t block = 0; block < blocks; ++block) {
    Scratch& scratch = scratches[static_cast<std::size_t>(omp_get_thread_num())];
    const std::size_t first = block * queries_per_block;
    const std::size_t count = std::min(queries_per_block, queries.rows - first);
    pack_queries(coordinates, first, count, states, scratch);
    search_block(queries, first, count, allowed, states, scratch);
  }
  Unfinished unfinished;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    if (!states[q].given_up) continue;
    unfinished.queries.push_back(q);
    unfinished.bounds.push_back(states[q].bound);
  }
  return unfinished;
}

void ScreeningLevel::pack_queries(const Coordinates& coordinates, std::size_t first,
                                  std::size_t count, std::vector<Query>& states,
                                  Scratch& scratch) const {
  std::fill(scratch.queries.begin(), scratch.queries.end(), 0);
  for (std::size_t q = 0; q < count; ++q) {
    Query& state = states[first + q];
    if (!state.has_bound) continue;
    state.code =
        quantization_.pack_query(coordinates.values.data() + (first + q) * projection_.length(),
                                 scratch.packed(q), queries_per_group);
    limit(state);
  }
}

void ScreeningLevel::search_block(const PatchMatrix& queries, std::size_t first, std::size_t count,
                                  double allowed, std::vector<Query>& states,
                                  Scratch& scratch) const {
  const std::size_t groups = divide_up(count, queries_per_group);
  const std::size_t panels = divide_up(bank_.rows, rows_per_panel);
  for (std::size_t panel = 0; panel < panels; panel += panels_per_block) {
    const std::size_t of_block = std::min(panels_per_block, panels - panel);
    screen(groups, panel, of_block, scratch);
    // Patches of the bank lie far away: those of one query are fetched while others are compared.
    for (std::size_t q = 0; q < count; ++q) {
      if (states[first + q].given_up) continue;
      choose_seeds(scratch.packed(q), scratch.of_query(q), panel, of_block, states[first + q]);
    }
    for (std::size_t q = 0; q < count; ++q) {
      Query& state = states[first + q];
      if (state.given_up) continue;
      const float* query = queries.row(first + q);
      for (const std::size_t row : state.seeds) compare(query, row, state);
      Candidates& candidates = scratch.candidates[q % 2];
      examine(query, scratch.packed(q), scratch.of_query(q), panel, of_block, allowed, candidates,
              state);
      compare_candidates(scratch.candidates[(q + 1) % 2]);
    }
    for (Candidates& candidates : scratch.candidates) compare_candidates(candidates);
  }
}

/// The smallest sum of each query of the scratch with each panel.
void ScreeningLevel::screen(std::size_t groups, std::size_t first_panel, std::size_t panels,
                            Scratch& scratch) const {
  ScreeningBlock block;
  block.queries = scratch.queries.data();
  block.groups = groups;
  block.words = quantization_.words();
  const std::size_t panel_words = rows_per_panel * block.words.count();
  const std::size_t at_a_time =
      std::max(std::size_t{1}, bytes_at_a_time / (panel_words * sizeof(std::uint32_t)));
  for (std::size_t panel = 0; panel < panels; panel += at_a_time) {
    block.panels = std::min(at_a_time, panels - panel);
    block.rows = panels_.data() + (first_panel + panel) * panel_words;
    block.offsets = offsets_.data() + (first_panel + panel) * rows_per_panel;
    kernel_.panels(block, scratch.smallest.data() + panel, panels_per_block);
  }
}

ScreeningRows ScreeningLevel::panel_rows(const std::uint32_t* packed, std::size_t panel) const {
  const std::size_t first_row = panel * rows_per_panel;
  const ScreeningWords& words = quantization_.words();
  return {packed, panels_.data() + first_row * words.count(), offsets_.data() + first_row, words};
}

/// Those with the smallest sums of the most promising panel: after them hardly another is left to
/// compare.
/// @param smallest  the smallest sum of each panel
void ScreeningLevel::choose_seeds(const std::uint32_t* packed, const std::int32_t* smallest,
                                  std::size_t first_panel, std::size_t panels, Query& state) const {
  state.seeds.clear();
  const auto best =
      static_cast<std::size_t>(std::min_element(smallest, smallest + panels) - smallest);
  if (smallest[best] > state.largest_sum) return;
  state.seed_panel = first_panel + best;
  ScreenedRow found[rows_per_panel];
  const std::size_t wanted = std::min(state.nearest.k, rows_per_panel);
  const std::size_t count = kernel_.rows(panel_rows(packed, state.seed_panel),
                                         wanted == 1 ? smallest[best] : state.largest_sum, found);
  const std::size_t seeds = std::min(wanted, count);
  std::partial_sort(found, found + seeds, found + count,
                    [](const ScreenedRow& a, const ScreenedRow& b) { return a.sum < b.sum; });
  for (std::size_t i = 0; i < seeds; ++i) {
    state.seeds.push_back(state.seed_panel * rows_per_panel +
                          static_cast<std::size_t>(found[i].row));
    prefetch(state.seeds.back());
  }
}

/// Gathers those rows of a block of panels that the query may have to be compared with.
/// @param smallest  the smallest sum of each panel
void ScreeningLevel::examine(const float* query, const std::uint32_t* packed,
                             const std::int32_t* smallest, std::size_t first_panel,
                             std::size_t panels, double allowed, Candidates& candidates,
                             Query& state) const {
  candidates.query = query;
  candidates.state = &state;
  for (std::size_t i = 0; i < panels; ++i) {
    if (smallest[i] > state.largest_sum) continue;
    if (static_cast<double>(state.comparisons + candidates.count) > allowed) {
      state.given_up = true;
      candidates.count = 0;
      return;
    }
    if (candidates.count + rows_per_panel > Candidates::capacity) compare_candidates(candidates);
    const std::size_t panel = first_panel + i;
    ScreenedRow found[rows_per_panel];
    const std::size_t count = kernel_.rows(panel_rows(packed, panel), state.largest_sum, found);
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t row = panel * rows_per_panel + static_cast<std::size_t>(found[n].row);
      if (panel == state.seed_panel &&
          std::find(state.seeds.begin(), state.seeds.end(), row) != state.seeds.end()) {
        continue;
      }
      candidates.rows[candidates.count] = row;
      candidates.sums[candidates.count] = found[n].sum;
      ++candidates.count;
      prefetch(row);
    }
  }
}

/// Its values are about to be compared.
void ScreeningLevel::prefetch(std::size_t row) const {
  const float* values = bank_.row(row);
  for (std::size_t i = 0; i < bank_.columns; i += floats_per_cache_line) {
    __builtin_prefetch(values + i);
  }
}

/// Compares the query in full with those candidates whose bounds still ask for it, and drops all.
void ScreeningLevel::compare_candidates(Candidates& candidates) const {
  for (std::size_t i = 0; i < candidates.count; ++i) {
    if (candidates.sums[i] > candidates.state->largest_sum) continue;
    compare(candidates.query, candidates.rows[i], *candidates.state);
  }
  candidates.count = 0;
}

void ScreeningLevel::compare(const float* query, std::size_t row, Query& state) const {
  NearestList& nearest = state.nearest;
  ++state.comparisons;
  const float distance = squared_row_distance(query, bank_.row(row), bank_.columns);
  if (!nearest.add(distance, static_cast<std::int64_t>(row)) || nearest.found < nearest.k) return;
  const float kth = nearest.distances[nearest.k - 1];
  if (kth >= state.bound) return;
  state.bound = kth;
  limit(state);
}

}  // namespace patchcore
