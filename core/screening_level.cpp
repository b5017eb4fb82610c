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
// coordinate_error() and largest_sum(): a patch that belongs to the result is never passed over.
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

// A group of packed queries and a few panels of the bank stay in the first cache, the smallest sums
// of a block of queries in the second.
constexpr std::size_t groups_per_block = 16;
constexpr std::size_t queries_per_block = groups_per_block * queries_per_group;
constexpr std::size_t panels_at_a_time = 8;
constexpr std::size_t panels_per_block = 1024;
constexpr std::size_t rows_at_a_time = 1024;
constexpr std::size_t floats_per_cache_line = 16;

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
  double norm = 0;               ///< of x
  double squared_length = 0;     ///< of z
  float bound = infinity;        ///< of the squared distance of the k-th neighbour
  float largest_sum = infinity;  ///< a row whose sum is above can't be among the nearest
  std::size_t comparisons = 0;
  bool given_up = false;
};

/// Rows that a query may have to be compared with.
struct ScreeningLevel::Candidates {
  static constexpr std::size_t capacity = 2 * rows_per_panel;

  std::size_t count = 0;
  std::size_t rows[capacity];
  float sums[capacity];
};

struct ScreeningLevel::Scratch {
  explicit Scratch(std::size_t length)
      : queries(queries_per_block * length), smallest(queries_per_block * panels_per_block) {}

  std::vector<float> queries;   ///< packed
  std::vector<float> smallest;  ///< [queries_per_block, panels_per_block]
};

ScreeningLevel::ScreeningLevel(const PatchMatrix& bank, const PrincipalDirections& directions,
                               std::size_t count, const ScreeningKernel& kernel)
    : bank_(bank),
      directions_(copy_rows(directions.directions, 0, count)),
      projection_(directions_, directions.mean),
      kernel_(kernel),
      error_(coordinate_error(deviation_from_orthonormal(directions_))) {
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

/// A row whose computed sum |z_b|^2 - 2 z_q z_b is above this is further away than the k-th nearest
/// so far. Were it not, then |x_b| <= |x_q| + d with d the true distance of the k-th; the computed
/// z would be no further apart than d and their two errors; and the sum, of coordinates with
/// lengths of at most (1 + error) (|x_q| + |x_b|) together, would be wrong by their products'
/// rounding.
float ScreeningLevel::largest_sum(float kth_distance, double norm, double squared_length) const {
  if (norm * norm > largest_squared_length) return infinity;
  const std::size_t length = directions_.rows + 1;
  // squared_row_distance() is a sum of as many terms; those that underflow add the last part.
  const double distance =
      std::sqrt(static_cast<double>(kth_distance)) * (1 + gamma(bank_.columns + 8)) +
      std::sqrt(static_cast<double>(bank_.columns) * std::numeric_limits<float>::min());
  const double lengths = 2 * norm + distance;
  const double bound = distance + error_ * lengths;
  const double rounding = 2 * gamma(length + 8) * (1 + error_) * (1 + error_) * lengths * lengths;
  // Rounded up.
  return std::nextafter(static_cast<float>(bound * bound + rounding - squared_length), infinity);
}

void ScreeningLevel::pack_bank() {
  const std::size_t length = directions_.rows + 1;
  const std::size_t rows = divide_up(bank_.rows, rows_per_panel) * rows_per_panel;
  panels_.assign(rows * length, 0);
  // Those beyond the bank are never below a limit.
  offsets_.assign(rows, infinity);
  for (std::size_t first = 0; first < bank_.rows; first += rows_at_a_time) {
    const std::size_t count = std::min(rows_at_a_time, bank_.rows - first);
    const Coordinates coordinates = projection_.project(bank_, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = first + i;
      // Far too long to have a bound: below any limit.
      const bool fits = coordinates.squared_lengths[i] <= largest_squared_length;
      offsets_[row] = fits ? static_cast<float>(coordinates.squared_lengths[i]) : -infinity;
      float* panel = panels_.data() + row / rows_per_panel * rows_per_panel * length;
      for (std::size_t j = 0; j < length; ++j) {
        panel[j * rows_per_panel + row % rows_per_panel] =
            fits ? coordinates.values[i * length + j] : 0;
      }
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
    state.squared_length = coordinates.squared_lengths[q];
    if (bounds.empty()) continue;
    state.bound = bounds[q];
    state.largest_sum = largest_sum(state.bound, state.norm, state.squared_length);
  }
  const std::size_t blocks = divide_up(queries.rows, queries_per_block);
  // No exception may leave a parallel region, so all memory is taken before it.
  const auto threads =
      static_cast<int>(std::min(blocks, static_cast<std::size_t>(omp_get_max_threads())));
  std::vector<Scratch> scratches(static_cast<std::size_t>(threads), Scratch(projection_.length()));
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::size_t block = 0; block < blocks; ++block) {
    search_block(queries, coordinates, block * queries_per_block, allowed, states,
                 scratches[static_cast<std::size_t>(omp_get_thread_num())]);
  }
  Unfinished unfinished;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    if (!states[q].given_up) continue;
    unfinished.queries.push_back(q);
    unfinished.bounds.push_back(states[q].bound);
  }
  return unfinished;
}

void ScreeningLevel::search_block(const PatchMatrix& queries, const Coordinates& coordinates,
                                  std::size_t first, double allowed, std::vector<Query>& states,
                                  Scratch& scratch) const {
  const std::size_t count = std::min(queries_per_block, queries.rows - first);
  const std::size_t length = projection_.length();
  std::fill(scratch.queries.begin(), scratch.queries.end(), 0.0F);
  for (std::size_t q = 0; q < count; ++q) {
    const double norm = states[first + q].norm;
    if (norm * norm > largest_squared_length) continue;
    const float* z = coordinates.values.data() + (first + q) * length;
    float* packed = scratch.queries.data() + q / queries_per_group * queries_per_group * length +
                    q % queries_per_group;
    for (std::size_t j = 0; j < length; ++j) packed[j * queries_per_group] = -2 * z[j];
  }

  const std::size_t groups = divide_up(count, queries_per_group);
  const std::size_t panels = divide_up(bank_.rows, rows_per_panel);
  for (std::size_t panel = 0; panel < panels; panel += panels_per_block) {
    const std::size_t of_block = std::min(panels_per_block, panels - panel);
    screen(groups, panel, of_block, scratch);
    for (std::size_t q = 0; q < count; ++q) {
      if (states[first + q].given_up) continue;
      const float* packed = scratch.queries.data() +
                            q / queries_per_group * queries_per_group * length +
                            q % queries_per_group;
      examine(queries.row(first + q), packed, scratch.smallest.data() + q * panels_per_block, panel,
              of_block, allowed, states[first + q]);
    }
  }
}

/// The smallest sum of each query of the scratch with each panel.
void ScreeningLevel::screen(std::size_t groups, std::size_t first_panel, std::size_t panels,
                            Scratch& scratch) const {
  ScreeningBlock block;
  block.queries = scratch.queries.data();
  block.groups = groups;
  block.length = directions_.rows + 1;
  for (std::size_t panel = 0; panel < panels; panel += panels_at_a_time) {
    block.panels = std::min(panels_at_a_time, panels - panel);
    block.rows = panels_.data() + (first_panel + panel) * rows_per_panel * block.length;
    block.offsets = offsets_.data() + (first_panel + panel) * rows_per_panel;
    kernel_.panels(block, scratch.smallest.data() + panel, panels_per_block);
  }
}

/// Compares one query with those rows of a block of panels whose bounds ask for it.
/// @param smallest  the smallest sum of each panel
void ScreeningLevel::examine(const float* query, const float* packed, const float* smallest,
                             std::size_t first_panel, std::size_t panels, double allowed,
                             Query& state) const {
  // The most promising one first: after it hardly another is left to compare.
  const auto best =
      static_cast<std::size_t>(std::min_element(smallest, smallest + panels) - smallest);
  if (smallest[best] > state.largest_sum) return;
  Candidates candidates;
  examine_panel(query, packed, first_panel + best, candidates, state);
  compare(query, candidates, state);
  for (std::size_t panel = 0; panel < panels; ++panel) {
    if (smallest[panel] > state.largest_sum || panel == best) continue;
    if (static_cast<double>(state.comparisons + candidates.count) > allowed) {
      state.given_up = true;
      return;
    }
    examine_panel(query, packed, first_panel + panel, candidates, state);
  }
  compare(query, candidates, state);
}

/// Adds the rows of a panel that the query may have to be compared with.
void ScreeningLevel::examine_panel(const float* query, const float* packed, std::size_t panel,
                                   Candidates& candidates, Query& state) const {
  if (candidates.count + rows_per_panel > Candidates::capacity) compare(query, candidates, state);
  const std::size_t length = directions_.rows + 1;
  const std::size_t first_row = panel * rows_per_panel;
  float sums[rows_per_panel];
  kernel_.rows(packed, panels_.data() + first_row * length, offsets_.data() + first_row, length,
               sums);
  const std::size_t rows = std::min(rows_per_panel, bank_.rows - first_row);
  for (std::size_t i = 0; i < rows; ++i) {
    if (sums[i] > state.largest_sum) continue;
    candidates.rows[candidates.count] = first_row + i;
    candidates.sums[candidates.count] = sums[i];
    ++candidates.count;
    // It is likely to be compared, and its values lie far away.
    const float* values = bank_.row(first_row + i);
    for (std::size_t j = 0; j < bank_.columns; j += floats_per_cache_line) {
      __builtin_prefetch(values + j);
    }
  }
}

/// Compares the query in full with those candidates whose bounds still ask for it, and drops all.
void ScreeningLevel::compare(const float* query, Candidates& candidates, Query& state) const {
  NearestList& nearest = state.nearest;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    if (candidates.sums[i] > state.largest_sum) continue;
    const std::size_t row = candidates.rows[i];
    ++state.comparisons;
    const float distance = squared_row_distance(query, bank_.row(row), bank_.columns);
    if (!nearest.add(distance, static_cast<std::int64_t>(row)) || nearest.found < nearest.k) {
      continue;
    }
    const float kth = nearest.distances[nearest.k - 1];
    if (kth >= state.bound) continue;
    state.bound = kth;
    state.largest_sum = largest_sum(kth, state.norm, state.squared_length);
  }
  candidates.count = 0;
}

}  // namespace patchcore
