// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The coreset: how long greedy picking takes.
#include "tools/patchcore/coreset_benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "core/anchor_distances.h"
#include "core/greedy_selection.h"
#include "core/types.h"

namespace patchcore {
namespace {

constexpr std::int64_t plain_picks = 20;
constexpr std::size_t clusters = 64;

/// Directions of falling variance around cluster centres: patch features are far from white noise.
PatchMatrix clustered_patches(std::size_t rows, std::size_t columns) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> centres(clusters * columns);
  const auto spread = [](std::size_t column) {
    return 1 / std::sqrt(1 + static_cast<float>(column));
  };
  for (std::size_t i = 0; i < centres.size(); ++i)
    centres[i] = 3 * spread(i % columns) * normal(random);
  PatchMatrix patches{rows, columns, std::vector<float>(rows * columns)};
  for (std::size_t row = 0; row < rows; ++row) {
    const float* centre = centres.data() + random() % clusters * columns;
    for (std::size_t column = 0; column < columns; ++column) {
      patches.row(row)[column] = centre[column] + spread(column) * normal(random);
    }
  }
  return patches;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

CoresetBenchmark run_coreset_benchmark(const CoresetBenchmarkOptions& options) {
  const auto rows = static_cast<std::size_t>(options.patches);
  const PatchMatrix patches = clustered_patches(rows, static_cast<std::size_t>(options.dimension));
  const std::vector<float> start = mean_distances(patches, {0, options.patches / 2});
  CoresetBenchmark result;
  result.picks = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(options.ratio * static_cast<double>(options.patches)));

  std::vector<float> bounds = start;
  auto begin = std::chrono::steady_clock::now();
  select_greedily(patches, result.picks, bounds);
  result.seconds = seconds_since(begin);
  if (!options.compare_plain) return result;

  bounds = start;
  const std::int64_t measured = std::min(plain_picks, result.picks);
  begin = std::chrono::steady_clock::now();
  select_greedily_plain(patches, measured, bounds);
  result.plain_seconds =
      seconds_since(begin) / static_cast<double>(measured) * static_cast<double>(result.picks);
  return result;
}

}  // namespace patchcore
