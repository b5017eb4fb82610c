// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches of held-out frames, so that their scores follow a bank that grows.
#include "core/held_out_patches.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "core/distances.h"
#include "core/error.h"
#include "core/nearest_neighbours.h"
#include "core/patch_matrix.h"
#include "core/scoring.h"

namespace patchcore {
namespace {

/// Of each patch.
std::size_t neighbours_of(const HeldOutPatches& held_out) {
  return held_out.patches.rows == 0 ? 0 : held_out.distances.size() / held_out.patches.rows;
}

double mean_distance(const float* distances, std::size_t k) {
  return std::accumulate(distances, distances + k, 0.0) / static_cast<double>(k);
}

/// Of the patches of one frame, from row @p begin to before @p end, what the frame's score is in
/// proportion to.
double frame_level(const HeldOutPatches& held_out, std::size_t begin, std::size_t end,
                   const ScoringOptions& scoring) {
  const std::size_t k = neighbours_of(held_out);
  double largest = 0;
  double sum = 0;
  for (std::size_t row = begin; row < end; ++row) {
    double score = mean_distance(held_out.distances.data() + row * k, k);
    if (scoring.mode == ScoreMode::paper) score = std::sqrt(score);
    largest = std::max(largest, score);
    sum += score;
  }
  return scoring.image_score == ImageScore::top ? sum / static_cast<double>(end - begin) : largest;
}

/// Calls @p visit with the first row of each frame and the row behind its last.
template <typename Visit>
void for_each_frame(const HeldOutPatches& held_out, const Visit& visit) {
  for (std::size_t begin = 0; begin < held_out.frames.size();) {
    std::size_t end = begin + 1;
    while (end < held_out.frames.size() && held_out.frames[end] == held_out.frames[begin]) ++end;
    visit(begin, end);
    begin = end;
  }
}

/// Whether one of a frame's patches is itself among those that join, though it was not in the bank.
/// @param same  squared distance that rounding alone can make
bool is_seen_again(const HeldOutPatches& held_out, const Neighbours& joining, std::size_t begin,
                   std::size_t end, double same) {
  const std::size_t k = neighbours_of(held_out);
  for (std::size_t row = begin; row < end; ++row) {
    if (held_out.distances[row * k] > same && joining.distances[row * joining.k] <= same) {
      return true;
    }
  }
  return false;
}

/// Makes the k distances of each of a frame's patches the smallest of both, in ascending order.
void merge_distances(HeldOutPatches& held_out, const Neighbours& joining, std::size_t begin,
                     std::size_t end) {
  const std::size_t k = neighbours_of(held_out);
  std::vector<float> both(k + joining.k);
  for (std::size_t row = begin; row < end; ++row) {
    float* own = held_out.distances.data() + row * k;
    const float* other = joining.distances.data() + row * joining.k;
    std::merge(own, own + k, other, other + joining.k, both.begin());
    std::copy_n(both.begin(), k, own);
  }
}

void require(bool condition, const char* problem) {
  if (!condition) throw Error(ErrorCode::invalid_argument, problem);
}

}  // namespace

void add_held_out_frame(HeldOutPatches& held_out, std::int64_t frame, const PatchMatrix& patches,
                        const Neighbours& neighbours) {
  const std::size_t k = neighbours.k;
  std::vector<double> levels;
  for (std::size_t row = 0; row < patches.rows; ++row) {
    levels.push_back(mean_distance(neighbours.distances.data() + row * k, k));
  }
  std::vector<std::size_t> highest(patches.rows);
  std::iota(highest.begin(), highest.end(), std::size_t{0});
  const std::size_t kept = std::min(held_out_patches_kept, highest.size());
  std::partial_sort(highest.begin(), highest.begin() + static_cast<std::ptrdiff_t>(kept),
                    highest.end(), [&](std::size_t a, std::size_t b) {
                      return levels[a] != levels[b] ? levels[a] > levels[b] : a < b;
                    });
  highest.resize(kept);
  held_out.patches.columns = patches.columns;
  append_rows(held_out.patches, pick_rows(patches, highest));
  for (const std::size_t row : highest) {
    const float* distances = neighbours.distances.data() + row * k;
    held_out.distances.insert(held_out.distances.end(), distances, distances + k);
  }
  held_out.frames.insert(held_out.frames.end(), kept, frame);
}

void append_held_out(HeldOutPatches& held_out, const HeldOutPatches& other,
                     std::int64_t first_frame) {
  if (other.patches.rows == 0) return;
  held_out.patches.columns = other.patches.columns;
  append_rows(held_out.patches, other.patches);
  held_out.distances.insert(held_out.distances.end(), other.distances.begin(),
                            other.distances.end());
  for (const std::int64_t frame : other.frames) held_out.frames.push_back(first_frame + frame);
}

void keep_highest_frames(HeldOutPatches& held_out, const std::vector<float>& scores) {
  std::vector<std::pair<std::size_t, std::size_t>> frames;  // their rows, as for_each_frame()
  for_each_frame(held_out,
                 [&](std::size_t begin, std::size_t end) { frames.emplace_back(begin, end); });
  if (frames.size() <= held_out_frames_kept) return;
  const auto score = [&](const std::pair<std::size_t, std::size_t>& rows) {
    return scores[static_cast<std::size_t>(held_out.frames[rows.first])];
  };
  std::nth_element(frames.begin(), frames.begin() + held_out_frames_kept, frames.end(),
                   [&](const auto& a, const auto& b) { return score(a) > score(b); });
  frames.resize(held_out_frames_kept);
  std::sort(frames.begin(), frames.end());
  const std::size_t k = neighbours_of(held_out);
  HeldOutPatches kept;
  kept.patches.columns = held_out.patches.columns;
  for (const auto& [begin, end] : frames) {
    append_rows(kept.patches, held_out.patches.row(begin), end - begin);
    kept.distances.insert(kept.distances.end(), held_out.distances.data() + begin * k,
                          held_out.distances.data() + end * k);
    kept.frames.insert(kept.frames.end(), end - begin, held_out.frames[begin]);
  }
  held_out = std::move(kept);
}

void follow_joining_patches(HeldOutPatches& held_out, const PatchMatrix& joining,
                            const ScoringOptions& scoring, std::vector<float>& scores) {
  if (held_out.patches.rows == 0 || joining.rows == 0) return;
  Neighbours neighbours;
  make_nearest_neighbours(joining, IndexKind::automatic)
      ->search(held_out.patches, std::min(neighbours_of(held_out), joining.rows), neighbours);
  const double same = std::pow(rounding_distance(joining), 2);
  for_each_frame(held_out, [&](std::size_t begin, std::size_t end) {
    const double before = frame_level(held_out, begin, end, scoring);
    if (before == 0 || is_seen_again(held_out, neighbours, begin, end, same)) return;
    merge_distances(held_out, neighbours, begin, end);
    float& score = scores[static_cast<std::size_t>(held_out.frames[begin])];
    score = static_cast<float>(score * (frame_level(held_out, begin, end, scoring) / before));
  });
}

void check_held_out(const HeldOutPatches& held_out, std::size_t columns, std::size_t scores,
                    const ScoringOptions& scoring) {
  const PatchMatrix& patches = held_out.patches;
  if (patches.rows == 0 && held_out.distances.empty() && held_out.frames.empty()) return;
  const std::size_t k = searched_neighbours(scoring);
  require(patches.columns == columns && patches.values.size() == patches.rows * columns &&
              held_out.distances.size() == patches.rows * k &&
              held_out.frames.size() == patches.rows,
          "the patches of its held-out frames, their distances and their frames do not match");
  const auto is_distance = [](float value) { return std::isfinite(value) && value >= 0; };
  require(std::all_of(patches.values.begin(), patches.values.end(),
                      [](float value) { return std::isfinite(value); }) &&
              std::all_of(held_out.distances.begin(), held_out.distances.end(), is_distance),
          "the patches of its held-out frames or their distances are not all finite numbers");
  for (std::size_t row = 0; row < patches.rows; ++row) {
    require(std::is_sorted(held_out.distances.begin() + static_cast<std::ptrdiff_t>(row * k),
                           held_out.distances.begin() + static_cast<std::ptrdiff_t>((row + 1) * k)),
            "the distances of a patch of its held-out frames are not in ascending order");
  }
  std::vector<bool> seen(scores);
  for_each_frame(held_out, [&](std::size_t begin, std::size_t) {
    const std::int64_t frame = held_out.frames[begin];
    require(frame >= 0 && static_cast<std::uint64_t>(frame) < scores &&
                !seen[static_cast<std::size_t>(frame)],
            "the patches of its held-out frames are of frames that have no score, or not in order");
    seen[static_cast<std::size_t>(frame)] = true;
  });
}

}  // namespace patchcore
