// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The plain types that flow from stage to stage.
//
//   ImageView -> InputTensor -> FeatureMaps -> PatchMatrix -> Neighbours -> ScoreMap -> Detection
//
// All matrices are row-major and densely packed; all values are float32 unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace patchcore {

struct Size {
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels
};

inline bool operator==(const Size& a, const Size& b) {
  return a.width == b.width && a.height == b.height;
}
inline bool operator!=(const Size& a, const Size& b) {
  return !(a == b);
}

/// "320x240", as people write it.
std::string size_text(Size size);

/// A rectangle of whole pixels; (x, y) is its upper left corner.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

inline bool operator==(const Rect& a, const Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

enum class PixelFormat { rgb, bgr, rgbx, bgrx, rgba, bgra, gray8, i420, nv12, yuy2 };

/// How luma and chroma became of red, green and blue; ignored for RGB and gray formats.
enum class YuvMatrix { bt601, bt709, bt2020 };

/// A picture that somebody else owns. Planes are in the order of the format's name.
struct ImageView {
  PixelFormat format = PixelFormat::rgb;
  Size size;
  const std::uint8_t* planes[3] = {nullptr, nullptr, nullptr};
  std::ptrdiff_t strides[3] = {0, 0, 0};  ///< bytes from one row to the next
  YuvMatrix yuv_matrix = YuvMatrix::bt601;
  bool full_range = false;  ///< YUV only: luma uses 0-255 and not 16-235
};

/// The same of a picture that may be drawn upon.
struct WritableImageView {
  PixelFormat format = PixelFormat::rgb;
  Size size;
  std::uint8_t* planes[3] = {nullptr, nullptr, nullptr};
  std::ptrdiff_t strides[3] = {0, 0, 0};  ///< bytes from one row to the next
  YuvMatrix yuv_matrix = YuvMatrix::bt601;
  bool full_range = false;

  operator ImageView() const {
    return {format,
            size,
            {planes[0], planes[1], planes[2]},
            {strides[0], strides[1], strides[2]},
            yuv_matrix,
            full_range};
  }
};

/// What the backbone takes: normalized RGB, planar, [batch, 3, height, width].
struct InputTensor {
  int batch = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;
};

/// Which patches of a grid are not scored: one flag each, row by row, 1 for those that are ignored.
/// Empty: all are scored.
using IgnoredPatches = std::vector<std::uint8_t>;

/// What another member of an ensemble than the first takes of a frame.
struct MemberInput {
  InputTensor input;  ///< of the same size as the frame's own; batch 0: the very same
  IgnoredPatches ignored;
};

/// The output of one backbone layer, [batch, height, width, channels]: the channels of one
/// position lie together. The memory is shared with whoever computed it and never changes.
struct FeatureMap {
  std::string layer;
  int batch = 0;
  int height = 0;
  int width = 0;
  int channels = 0;
  std::shared_ptr<const float> values;
};

/// In the order in which the layers were asked for.
using FeatureMaps = std::vector<FeatureMap>;

/// One patch feature a row, [rows, columns]. Patches of a picture follow each other row by row
/// of its grid, pictures of a batch follow each other.
struct PatchMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<float> values;

  const float* row(std::size_t index) const { return values.data() + index * columns; }
  float* row(std::size_t index) { return values.data() + index * columns; }
};

/// The k nearest rows of the memory bank for each query, nearest first.
struct Neighbours {
  std::size_t queries = 0;
  std::size_t k = 0;
  std::vector<float> distances;       ///< [queries, k], squared L2
  std::vector<std::int64_t> indices;  ///< [queries, k], rows of the bank
};

/// One score for each patch of the grid, [height, width].
struct ScoreMap {
  int height = 0;
  int width = 0;
  std::vector<float> values;
};

/// A connected part of the score map that reaches the threshold.
struct Region {
  Rect box;         ///< in frame pixels
  double area = 0;  ///< in frame pixels
  double peak = 0;  ///< largest patch score inside, raw like Detection::score
  int peak_x = 0;   ///< where the peak lies, in frame pixels
  int peak_y = 0;
};

/// What one member of an ensemble found, in its own unit.
struct MemberScore {
  double score = 0;
  ScoreMap map;  ///< on its own grid
};

/// The result for one frame.
struct Detection {
  double score = 0;             ///< raw image score, never clamped
  double threshold = 0;         ///< the boundary it was compared with, same unit
  double usual_score = 0;       ///< what a usual good frame scores, same unit
  bool anomalous = false;       ///< score >= threshold
  ScoreMap map;                 ///< raw patch scores on the patch grid, 0 where a mask is black
  Rect inspected;               ///< the part of the frame that the map covers, frame pixels
  Size input_size;              ///< what the backbone saw of it, in tiles or at once
  Size seen_at_once;            ///< the size of a tile, or of all that is inspected, frame pixels
  std::vector<Region> regions;  ///< largest peak first; empty for a frame that is not anomalous
  std::vector<MemberScore> members;  ///< one or more, if they were asked for
};

/// score / threshold: 1 is the boundary. Zero or infinity where the threshold is zero.
double relative_score(double score, double threshold);

/// How sure a score >= 0 makes that something is anomalous, for those who want a number from 0 to
/// 1: 0.5 at the threshold, score / (score + threshold) elsewhere. It is no probability.
double confidence(double score, double threshold);

}  // namespace patchcore
