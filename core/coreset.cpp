// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Thinning of the collected patches (Roth et al. 2022, section 3.2, algorithm 1).
#include "core/coreset.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include "core/anchor_distances.h"
#include "core/error.h"
#include "core/greedy_selection.h"
#include "core/random_projection.h"

namespace patchcore {

namespace {

// So that the projection and the draw of rows don't share their random numbers.
constexpr std::uint64_t rows_stream = 0x9E3779B97F4A7C15;

void check(const PatchMatrix& patches, std::int64_t count) {
  if (patches.columns == 0 || patches.values.size() != patches.rows * patches.columns) {
    throw Error(ErrorCode::invalid_argument, "A patch matrix of " + std::to_string(patches.rows) +
                                                 " x " + std::to_string(patches.columns) +
                                                 " holds " + std::to_string(patches.values.size()) +
                                                 " values");
  }
  if (count < 0 || static_cast<std::uint64_t>(count) > patches.rows) {
    throw Error(ErrorCode::invalid_argument, "Can't choose " + std::to_string(count) + " of " +
                                                 std::to_string(patches.rows) +
                                                 " patches: choose fewer or collect more frames");
  }
}

/// 0 to limit - 1, each equally likely.
std::uint64_t draw_below(std::mt19937_64& random, std::uint64_t limit) {
  const std::uint64_t excess = (std::mt19937_64::max() % limit + 1) % limit;
  std::uint64_t value = 0;
  do {
    value = random();
  } while (value > std::mt19937_64::max() - excess);
  return value % limit;
}

/// The first @p count rows of a random order.
std::vector<std::int64_t> draw_rows(std::size_t rows, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed ^ rows_stream);
  std::vector<std::int64_t> order(rows);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(order[i], order[i + draw_below(random, rows - i)]);
  }
  order.resize(count);
  return order;
}

std::vector<std::int64_t> first_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<std::int64_t> select_projected(const PatchMatrix& points, std::int64_t count,
                                           const CoresetOptions& options,
                                           const ShareDone& progress) {
  if (options.sampler == SamplerKind::greedy) {
    std::vector<float> bounds = distance_norms(points);
    return select_greedily(points, count, bounds, progress);
  }
  const auto starts = static_cast<std::size_t>(
      std::clamp<std::int64_t>(options.starting_points, 1, static_cast<std::int64_t>(points.rows)));
  std::vector<float> bounds = mean_distances(points, draw_rows(points.rows, starts, options.seed));
  return select_greedily(points, count, bounds, progress);
}

std::vector<std::int64_t> extend_projected(const PatchMatrix& chosen, const PatchMatrix& points,
                                           std::int64_t count, const ShareDone& progress) {
  const auto half = [&](double begin) -> ShareDone {
    if (!progress) return {};
    return [&progress, begin](double share) { progress(begin + 0.5 * share); };
  };
  std::vector<float> bounds = nearest_distances(points, chosen, half(0));
  return select_greedily(points, count, bounds, half(0.5));
}

template <typename Function>
auto with_memory(const PatchMatrix& patches, Function&& choose) {
  try {
    return choose();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space,
                "Not enough memory to choose among " + std::to_string(patches.rows) +
                    " patches of " + std::to_string(patches.columns) +
                    " values: train with fewer frames or a smaller input size");
  }
}

}  // namespace

bool is_greedy(SamplerKind sampler) {
  return sampler == SamplerKind::greedy || sampler == SamplerKind::approximate_greedy;
}

std::int64_t coreset_size(const CoresetOptions& options, std::int64_t patches) {
  if (patches <= 0) return 0;
  std::int64_t size = patches;
  if (options.sampler != SamplerKind::identity) {
    size = static_cast<std::int64_t>(std::floor(options.ratio * static_cast<double>(patches)));
  }
  if (options.max_patches > 0) size = std::min(size, options.max_patches);
  return std::clamp<std::int64_t>(size, 1, patches);
}

bool is_projected(std::size_t columns, const CoresetOptions& options) {
  return is_greedy(options.sampler) && options.projection_dimension > 0 &&
         static_cast<std::size_t>(options.projection_dimension) != columns;
}

PatchMatrix project_patches(const PatchMatrix& patches, const CoresetOptions& options) {
  PatchMatrix points;
  with_memory(patches, [&] {
    points = project_randomly(patches, options.projection_dimension, options.seed);
  });
  return points;
}

std::vector<std::int64_t> select_among_points(const PatchMatrix& points, std::int64_t count,
                                              const CoresetOptions& options,
                                              const ShareDone& progress) {
  check(points, count);
  return with_memory(points, [&] {
    if (count == 0 || options.sampler == SamplerKind::identity) return first_rows(count);
    if (options.sampler == SamplerKind::random) {
      return draw_rows(points.rows, static_cast<std::size_t>(count), options.seed);
    }
    return select_projected(points, count, options, progress);
  });
}

std::vector<std::int64_t> select_coreset(const PatchMatrix& patches, std::int64_t count,
                                         const CoresetOptions& options, const ShareDone& progress) {
  check(patches, count);
  if (count == 0 || !is_projected(patches.columns, options)) {
    return select_among_points(patches, count, options, progress);
  }
  return select_among_points(project_patches(patches, options), count, options, progress);
}

std::vector<std::int64_t> extend_among_points(const PatchMatrix& chosen, const PatchMatrix& points,
                                              std::int64_t count, const CoresetOptions& options,
                                              const ShareDone& progress) {
  if (!is_greedy(options.sampler) || chosen.rows == 0) {
    return select_among_points(points, count, options, progress);
  }
  check(chosen, 0);
  check(points, count);
  if (chosen.columns != points.columns) {
    throw Error(ErrorCode::invalid_argument, "Patches of " + std::to_string(points.columns) +
                                                 " values can't extend a coreset of " +
                                                 std::to_string(chosen.columns));
  }
  if (count == 0) return {};
  return with_memory(points, [&] { return extend_projected(chosen, points, count, progress); });
}

std::vector<std::int64_t> extend_coreset(const PatchMatrix& chosen, const PatchMatrix& candidates,
                                         std::int64_t count, const CoresetOptions& options,
                                         const ShareDone& progress) {
  check(candidates, count);
  if (!is_projected(candidates.columns, options) || chosen.rows == 0 || count == 0 ||
      chosen.columns != candidates.columns) {
    return extend_among_points(chosen, candidates, count, options, progress);
  }
  return extend_among_points(project_patches(chosen, options), project_patches(candidates, options),
                             count, options, progress);
}

}  // namespace patchcore
