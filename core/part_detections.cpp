// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One result of a frame from those of the parts that were cut out of it.
#include "core/part_detections.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/error.h"

namespace patchcore {
namespace {

constexpr int max_cells = 256;        ///< a side of the map
constexpr double max_input = 1024.0;  ///< a side, pixels: what heatmaps are drawn at

/// One direction of all parts together.
struct Axis {
  int begin = 0;         ///< frame pixels
  int length = 0;        ///< frame pixels
  int cells = 1;         ///< of the map
  double per_pixel = 1;  ///< pixels of the finest part's input for one of the frame

  int input() const {
    return std::max(1, static_cast<int>(std::lround(std::min(max_input, per_pixel * length))));
  }
};

/// @param rect_begin, rect_length  members of Rect
template <typename Cells, typename Input>
Axis common_axis(const std::vector<Detection>& parts, int Rect::*rect_begin, int Rect::*rect_length,
                 Cells cells_of, Input input_of) {
  Axis axis;
  axis.begin = parts.front().inspected.*rect_begin;
  int end = axis.begin;
  double finest = 0;  // cells for a pixel of the frame
  axis.per_pixel = 0;
  for (const Detection& part : parts) {
    const double length = part.inspected.*rect_length;
    axis.begin = std::min(axis.begin, part.inspected.*rect_begin);
    end = std::max(end, part.inspected.*rect_begin + part.inspected.*rect_length);
    finest = std::max(finest, cells_of(part) / length);
    axis.per_pixel = std::max(axis.per_pixel, input_of(part) / length);
  }
  axis.length = end - axis.begin;
  axis.cells = static_cast<int>(std::clamp(std::ceil(finest * axis.length), 1.0, 1.0 * max_cells));
  return axis;
}

struct Span {
  int first;
  int end;
};

/// The cells of the common axis that a cell of a part touches.
Span touched(const Axis& axis, int part_begin, int part_length, int cell, int cells) {
  // What rounding adds to an edge touches nothing.
  constexpr double tolerance = 1e-6;
  const double scale = static_cast<double>(axis.cells) / axis.length;
  const double begin = part_begin - axis.begin + static_cast<double>(part_length) * cell / cells;
  const double end =
      part_begin - axis.begin + static_cast<double>(part_length) * (cell + 1) / cells;
  const int first = static_cast<int>(std::floor(begin * scale + tolerance));
  const int last = static_cast<int>(std::ceil(end * scale - tolerance));
  return {std::clamp(first, 0, axis.cells), std::clamp(last, 0, axis.cells)};
}

void lay_into(const Detection& part, const Axis& across, const Axis& down, ScoreMap& map) {
  for (int row = 0; row < part.map.height; ++row) {
    const Span rows = touched(down, part.inspected.y, part.inspected.height, row, part.map.height);
    for (int column = 0; column < part.map.width; ++column) {
      const Span columns =
          touched(across, part.inspected.x, part.inspected.width, column, part.map.width);
      const float value = part.map.values[static_cast<std::size_t>(row) * part.map.width + column];
      for (int y = rows.first; y < rows.end; ++y) {
        for (int x = columns.first; x < columns.end; ++x) {
          float& target = map.values[static_cast<std::size_t>(y) * map.width + x];
          target = std::max(target, value);
        }
      }
    }
  }
}

bool has_map(const Detection& part) {
  return part.inspected.width > 0 && part.inspected.height > 0 && part.map.width > 0 &&
         part.map.height > 0 &&
         part.map.values.size() ==
             static_cast<std::size_t>(part.map.width) * static_cast<std::size_t>(part.map.height);
}

}  // namespace

Detection combine_parts(const std::vector<Detection>& parts) {
  if (parts.empty() || !std::all_of(parts.begin(), parts.end(), has_map)) {
    throw Error(ErrorCode::invalid_argument, "parts without a result cannot be put together");
  }
  if (parts.size() == 1) return parts.front();

  const Detection& worst =
      *std::max_element(parts.begin(), parts.end(),
                        [](const Detection& a, const Detection& b) { return a.score < b.score; });
  Detection frame;
  frame.score = worst.score;
  frame.threshold = worst.threshold;
  frame.usual_score = worst.usual_score;
  frame.anomalous = worst.anomalous;

  const Axis across = common_axis(
      parts, &Rect::x, &Rect::width, [](const Detection& part) { return part.map.width; },
      [](const Detection& part) { return part.input_size.width; });
  const Axis down = common_axis(
      parts, &Rect::y, &Rect::height, [](const Detection& part) { return part.map.height; },
      [](const Detection& part) { return part.input_size.height; });
  frame.inspected = {across.begin, down.begin, across.length, down.length};
  frame.input_size = {across.input(), down.input()};
  frame.map = {down.cells, across.cells,
               std::vector<float>(static_cast<std::size_t>(down.cells) * across.cells)};
  for (const Detection& part : parts) {
    lay_into(part, across, down, frame.map);
    frame.regions.insert(frame.regions.end(), part.regions.begin(), part.regions.end());
  }
  std::stable_sort(frame.regions.begin(), frame.regions.end(),
                   [](const Region& a, const Region& b) { return a.peak > b.peak; });
  return frame;
}

}  // namespace patchcore
