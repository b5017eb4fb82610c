// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much of a frame was not seen before, measured against a small running coreset.
#include "core/novelty.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/anchor_distances.h"
#include "core/distances.h"
#include "core/greedy_selection.h"
#include "core/patch_matrix.h"

namespace patchcore {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// A matrix product of so many multiplications is not shared among threads by OpenBLAS: to wake them
// takes many times longer than these small ones do.
constexpr std::size_t products_of_one_thread = 1U << 18U;

std::size_t rows_of_one_thread(std::size_t columns, std::size_t others) {
  return std::max<std::size_t>(1, products_of_one_thread / (columns * others));
}

PatchMatrix every_nth_row(const PatchMatrix& patches, std::size_t first, std::size_t step) {
  PatchMatrix sample{0, patches.columns, {}};
  for (std::size_t row = first; row < patches.rows; row += step) {
    append_rows(sample, patches.row(row), 1);
  }
  return sample;
}

/// The median distance of a point to the nearest other one; 0 where there is no other.
float usual_spacing(const PatchMatrix& points) {
  if (points.rows < 2) return 0;
  std::vector<float> nearest(points.rows, infinity);
  for (std::size_t i = 0; i < points.rows; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const float distance = row_distance(points.row(i), points.row(j), points.columns);
      nearest[i] = std::min(nearest[i], distance);
      nearest[j] = std::min(nearest[j], distance);
    }
  }
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return *middle;
}

}  // namespace

PatchMatrix Novelty::project(const PatchMatrix& patches) {
  if (!projection_) projection_.emplace(patches.columns, projection_dimension, seed_);
  return projection_->project(patches, rows_of_one_thread(patches.columns, projection_dimension));
}

std::vector<float> Novelty::distances_to_summary(const PatchMatrix& points) {
  std::vector<float> distances(points.rows, infinity);
  if (summary_.rows == 0) return distances;
  const std::vector<float> norms = squared_norms(points);
  const std::vector<float> summary_norms = squared_norms(summary_);
  const NormedRows summary = {summary_.values.data(), summary_norms.data(), summary_.rows};
  const std::size_t step = rows_of_one_thread(points.columns, summary_.rows);
  for (std::size_t first = 0; first < points.rows; first += step) {
    const std::size_t rows = std::min(step, points.rows - first);
    shrink_bounds({points.row(first), norms.data() + first, rows}, distances.data() + first,
                  summary, points.columns, products_);
  }
  return distances;
}

double Novelty::measure(const PatchMatrix& patches) {
  // A frame of few patches has some at any rate.
  const std::size_t step = std::min(sampling_step, std::max<std::size_t>(1, patches.rows));
  points_ = project(every_nth_row(patches, static_cast<std::size_t>(frames_) % step, step));
  distances_ = distances_to_summary(points_);
  const float farthest =
      distances_.empty() ? 0 : *std::max_element(distances_.begin(), distances_.end());
  const double novelty = farthest > 0 ? static_cast<double>(farthest) / resolution_ : 0;
  ++frames_;
  coverage_ += ((novelty < covered_novelty ? 1 : 0) - coverage_) /
               static_cast<double>(std::min<std::int64_t>(frames_, coverage_window));
  return novelty;
}

void Novelty::learn_measured() {
  add_points(points_, distances_);
}

void Novelty::learn(const PatchMatrix& patches) {
  // In steps, so that the summary is thinned before it has grown much.
  constexpr std::size_t rows_per_step = 2 * summary_size;
  for (std::size_t first = 0; first < patches.rows; first += rows_per_step) {
    const std::size_t rows = std::min(rows_per_step, patches.rows - first);
    const PatchMatrix points = project(copy_rows(patches, first, rows));
    add_points(points, distances_to_summary(points));
  }
  // What the summary holds whole, as a small bank, resolves what lies between its patches.
  if (!thinned_) resolution_ = std::max(resolution_, usual_spacing(summary_));
}

/// @param distances  of the points to the summary
void Novelty::add_points(const PatchMatrix& points, const std::vector<float>& distances) {
  summary_.columns = points.columns;
  resolution_ = std::max(resolution_, static_cast<float>(rounding_distance(points)));
  const std::size_t known = summary_.rows;
  for (std::size_t i = 0; i < points.rows; ++i) {
    bool covered = distances[i] <= resolution_;
    // Those that were added a moment ago may cover it as well.
    for (std::size_t row = known; row < summary_.rows && !covered; ++row) {
      covered = row_distance(points.row(i), summary_.row(row), points.columns) <= resolution_;
    }
    if (covered) continue;
    append_rows(summary_, points.row(i), 1);
  }
  if (summary_.rows > summary_size) thin();
}

void Novelty::thin() {
  std::vector<float> bounds = distance_norms(summary_);
  const std::vector<std::int64_t> kept =
      select_greedily(summary_, static_cast<std::int64_t>(summary_size / 2), bounds);
  resolution_ = std::max(resolution_, *std::max_element(bounds.begin(), bounds.end()));
  summary_ = pick_rows(summary_, kept);
  thinned_ = true;
}

}  // namespace patchcore
