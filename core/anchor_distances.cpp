// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far each patch counts as being from the coreset before the first pick.
#include "core/anchor_distances.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/distances.h"

namespace patchcore {

std::vector<float> distance_norms(const PatchMatrix& points) {
  // The squares of all distances from x sum up to n |x - mean|^2 + sum |x_j - mean|^2, so that
  // nobody needs the n * n distances.
  std::vector<double> mean(points.columns, 0);
  for (std::size_t i = 0; i < points.rows; ++i) {
    for (std::size_t j = 0; j < points.columns; ++j) mean[j] += points.row(i)[j];
  }
  for (double& value : mean) value /= static_cast<double>(points.rows);

  std::vector<double> from_mean(points.rows, 0);
  double sum = 0;
  for (std::size_t i = 0; i < points.rows; ++i) {
    for (std::size_t j = 0; j < points.columns; ++j) {
      const double difference = points.row(i)[j] - mean[j];
      from_mean[i] += difference * difference;
    }
    sum += from_mean[i];
  }
  std::vector<float> norms(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    norms[i] = static_cast<float>(std::sqrt(static_cast<double>(points.rows) * from_mean[i] + sum));
  }
  return norms;
}

std::vector<float> mean_distances(const PatchMatrix& points,
                                  const std::vector<std::int64_t>& starts) {
  std::vector<float> means(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    double sum = 0;
    for (const std::int64_t start : starts) {
      sum +=
          row_distance(points.row(i), points.row(static_cast<std::size_t>(start)), points.columns);
    }
    means[i] = static_cast<float>(sum / static_cast<double>(starts.size()));
  }
  return means;
}

std::vector<float> nearest_distances(const PatchMatrix& points, const PatchMatrix& references,
                                     const ShareDone& progress) {
  const std::vector<float> norms = squared_norms(points);
  const std::vector<float> reference_norms = squared_norms(references);
  std::vector<float> nearest(points.rows, std::numeric_limits<float>::infinity());
  std::vector<float> products;
  // A fraction of a second each, so that cancelling does not wait for all.
  constexpr std::size_t rows_per_step = 8192;
  for (std::size_t first = 0; first < points.rows; first += rows_per_step) {
    const std::size_t rows = std::min(rows_per_step, points.rows - first);
    shrink_bounds({points.row(first), norms.data() + first, rows}, nearest.data() + first,
                  {references.values.data(), reference_norms.data(), references.rows},
                  points.columns, products);
    if (progress) {
      progress(static_cast<double>(first + rows) / static_cast<double>(points.rows));
    }
  }
  return nearest;
}

}  // namespace patchcore
