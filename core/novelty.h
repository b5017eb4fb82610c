// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much of a frame was not seen before, measured against a small running coreset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/random_projection.h"
#include "core/types.h"

namespace patchcore {

/// Keeps a summary of what was learned: at most summary_size patches, such that every learned one
/// is about as near to one of them as the resolution. A patch that is farther than that is added.
/// When the summary is full, half of it is kept, chosen greedily, and the resolution becomes the
/// distance that this half leaves. It begins at what rounding makes of equal patches. Distances are
/// L2 after a random projection to few dimensions, which keeps them to about an eighth; they are
/// compared only with each other. Of each frame every sampling_step-th patch is looked at,
/// beginning at another one each time: what is worth a picture spans several patches.
///
///   novelty of a frame = largest distance of its patches to the summary / resolution
///
/// 0: all of it is in the summary. About 1: frames like those that were learned. From
/// covered_novelty on: something that was not seen. Infinite: nothing was learned yet. One thread
/// at a time.
class Novelty {
 public:
  static constexpr std::size_t summary_size = 1024;
  static constexpr std::size_t sampling_step = 4;
  static constexpr int projection_dimension = 32;
  /// Below it a frame counts as covered. Measured on videos and pictures of good parts: once they
  /// show nothing new, the novelty of nine of ten frames is below 1.15; a new scene has 1.3 to 3.
  static constexpr double covered_novelty = 1.25;
  /// Frames that the coverage looks back on.
  static constexpr int coverage_window = 50;

  /// @param seed  of the projection
  explicit Novelty(std::uint64_t seed) : seed_(seed) {}

  /// Counts the frame for the coverage.
  /// @param patches  of one frame, features in float32
  /// @return its novelty, 0 or more; infinite where nothing was learned yet
  double measure(const PatchMatrix& patches);

  /// Adds the patches of the frame that was measured last to the summary.
  void learn_measured();

  /// Adds patches that no frame is counted for, those of a bank. Where the summary has room for
  /// all, the resolution becomes their usual distance to each other at least: a coreset stands for
  /// what lies between its patches.
  void learn(const PatchMatrix& patches);

  /// The share of the last frames that the summary covered when they came: the mean of the first
  /// coverage_window frames, then an exponential mean over as many. 0 to 1; 0 before the first
  /// frame.
  double coverage() const { return coverage_; }

  /// The distance that the summary resolves, in the projection.
  float resolution() const { return resolution_; }
  std::size_t summary_rows() const { return summary_.rows; }

 private:
  void add_points(const PatchMatrix& points, const std::vector<float>& distances);
  PatchMatrix project(const PatchMatrix& patches);
  std::vector<float> distances_to_summary(const PatchMatrix& points);
  void thin();

  std::uint64_t seed_;
  std::optional<RandomProjection> projection_;
  PatchMatrix summary_;
  bool thinned_ = false;
  float resolution_ = 0;
  std::int64_t frames_ = 0;
  double coverage_ = 0;

  // Of the frame that was measured last.
  PatchMatrix points_;
  std::vector<float> distances_;

  std::vector<float> products_;  // scratch
};

}  // namespace patchcore
