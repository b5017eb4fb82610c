// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From neighbour distances to patch scores, the image score and the anomaly map.
#include "core/scoring.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <new>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "core/distances.h"
#include "core/error.h"
#include "core/map_matrix.h"
#include "core/patch_matrix.h"

namespace patchcore {

namespace {

std::string grid_text(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

/// Multiplies all with one factor, so that the largest becomes the mean of the highest hundredth.
void scale_to_top(ScoreMap& map) {
  std::vector<float> highest((map.values.size() + 99) / 100);
  std::partial_sort_copy(map.values.begin(), map.values.end(), highest.begin(), highest.end(),
                         std::greater<float>());
  const double mean =
      std::accumulate(highest.begin(), highest.end(), 0.0) / static_cast<double>(highest.size());
  const auto factor = static_cast<float>(mean / highest.front());
  for (float& value : map.values) value *= factor;
}

/// @param patches  rows that are at hand
void check_layout(const PatchLayout& layout, const Neighbours& neighbours, std::size_t patches,
                  bool needs_patches) {
  const PatchGrid grid = layout.grid;
  if (grid.height < 1 || grid.width < 1 || layout.patches() != neighbours.queries ||
      (layout.blending && (layout.blending->position.size() != neighbours.queries ||
                           layout.blending->positions == 0))) {
    throw Error(ErrorCode::invalid_argument, std::to_string(neighbours.queries) +
                                                 " patches on a grid of " +
                                                 grid_text(grid.width, grid.height));
  }
  if ((patches != neighbours.queries && (needs_patches || patches > 0)) || neighbours.k < 1) {
    throw Error(ErrorCode::invalid_argument, "Neighbours of " + std::to_string(neighbours.queries) +
                                                 " patches for " + std::to_string(patches));
  }
}

}  // namespace

std::size_t searched_neighbours(const ScoringOptions& options) {
  return options.mode == ScoreMode::paper ? 1 : static_cast<std::size_t>(options.neighbours);
}

Scoring::Scoring(const ScoringOptions& options, const PatchMatrix& bank,
                 const NearestNeighbours& index)
    : options_(options), bank_(bank), index_(index) {
  if (options.neighbours < 1 || static_cast<std::size_t>(options.neighbours) > bank.rows) {
    throw Error(ErrorCode::invalid_argument,
                "A score over " + std::to_string(options.neighbours) +
                    " neighbours needs a memory bank of at least as many patches; this one has " +
                    std::to_string(bank.rows));
  }
}

FrameScore Scoring::score(const PatchMatrix& patches, const PatchLayout& layout,
                          Neighbours& neighbours) const {
  search(patches, neighbours);
  return score_neighbours(patches, layout, neighbours);
}

void Scoring::search(const PatchMatrix& patches, Neighbours& neighbours) const {
  index_.search(patches, searched_neighbours(options_), neighbours);
}

FrameScore Scoring::score_neighbours(const PatchMatrix& patches, const PatchLayout& layout,
                                     const Neighbours& neighbours) const {
  check_layout(layout, neighbours, patches.rows, needs_patches());
  const bool paper = options_.mode == ScoreMode::paper;
  const std::size_t k = neighbours.k;
  std::vector<float> scores(neighbours.queries);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const float* distances = neighbours.distances.data() + i * k;
    if (paper) {
      scores[i] = std::sqrt(distances[0]);
    } else {
      double sum = 0;
      for (std::size_t j = 0; j < k; ++j) sum += distances[j];
      scores[i] = static_cast<float>(sum / static_cast<double>(k));
    }
  }
  FrameScore result;
  if (layout.blending) {
    result.map = {1, static_cast<int>(layout.blending->positions), blend(*layout.blending, scores)};
  } else {
    result.map = {layout.grid.height, layout.grid.width, scores};
  }
  const auto highest = std::max_element(result.map.values.begin(), result.map.values.end());
  const float peak = *highest;
  result.score = peak;
  // A neighbourhood of one, the nearest patch itself, would make every weight zero.
  if (needs_patches()) {
    const auto position = static_cast<std::size_t>(highest - result.map.values.begin());
    const std::size_t patch =
        layout.blending ? highest_patch(*layout.blending, scores, position) : position;
    result.score = weight(patches.row(patch), static_cast<std::size_t>(neighbours.indices[patch]),
                          scores[patch]) *
                   peak;
  }
  if (paper && peak > 0) {
    // The map keeps the unit of the score, which the threshold is in, too.
    const auto factor = static_cast<float>(result.score / peak);
    for (float& value : result.map.values) value *= factor;
  }
  if (options_.image_score == ImageScore::top && peak > 0) {
    scale_to_top(result.map);
    result.score = *std::max_element(result.map.values.begin(), result.map.values.end());
  }
  return result;
}

/// Of equation 7.
/// @param nearest   the row of the bank that is nearest to the patch
/// @param distance  how far that is
double Scoring::weight(const float* patch, std::size_t nearest, double distance) const {
  Neighbours around;
  index_.search(copy_rows(bank_, nearest, 1), static_cast<std::size_t>(options_.neighbours),
                around);

  // 1 - exp(s) / sum of exp(distance to each of the neighbourhood). Distances less the score, so
  // that large ones don't overflow.
  double sum = 0;
  for (const std::int64_t neighbour : around.indices) {
    const float other =
        row_distance(patch, bank_.row(static_cast<std::size_t>(neighbour)), bank_.columns);
    sum += std::exp(static_cast<double>(other) - distance);
  }
  return 1 - 1 / sum;
}

ScoreMap full_anomaly_map(const ScoreMap& map, Size size, double share_seen) {
  if (map.height < 1 || map.width < 1 ||
      map.values.size() !=
          static_cast<std::size_t>(map.height) * static_cast<std::size_t>(map.width)) {
    throw Error(ErrorCode::invalid_argument, "A score map of " + grid_text(map.width, map.height) +
                                                 " with " + std::to_string(map.values.size()) +
                                                 " values");
  }
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorCode::invalid_argument,
                "An anomaly map of " + grid_text(size.width, size.height) + " pixels");
  }
  try {
    ScoreMap full{size.height, size.width,
                  std::vector<float>(static_cast<std::size_t>(size.height) *
                                     static_cast<std::size_t>(size.width))};
    cv::Mat pixels = as_mat(full);
    cv::resize(as_mat(map), pixels, pixels.size(), 0, 0, cv::INTER_LINEAR);
    const double sigma =
        4 * std::sqrt(static_cast<double>(size.width) * size.height * share_seen) / 224;
    const int side = 2 * static_cast<int>(4 * sigma + 0.5) + 1;
    cv::GaussianBlur(pixels, pixels, {side, side}, sigma, sigma, cv::BORDER_REFLECT);
    return full;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "Not enough memory for an anomaly map of " +
                                         grid_text(size.width, size.height) + " pixels");
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::internal, "OpenCV failed at an anomaly map of " +
                                         grid_text(size.width, size.height) +
                                         " pixels: " + error.what());
  }
}

double share_seen(const Detection& detection) {
  const Size seen = detection.seen_at_once;
  const double all = static_cast<double>(detection.inspected.width) * detection.inspected.height;
  const double at_once = static_cast<double>(seen.width) * seen.height;
  // Results that were read from elsewhere don't say.
  return at_once > 0 && at_once < all ? at_once / all : 1;
}

ScoreMap full_map_of(const Detection& detection, Size size) {
  return full_anomaly_map(detection.map, size, share_seen(detection));
}

}  // namespace patchcore
