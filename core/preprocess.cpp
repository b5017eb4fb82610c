// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From a frame of any format to the normalized tensor that the backbone takes.
#include "core/preprocess.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/pixel_rows.h"
#include "core/triangle_filter.h"

namespace patchcore {
namespace {

std::string to_string(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/// How a frame is resized, and which part of the result is kept.
struct Resizing {
  Size resized;  ///< the whole frame
  Rect kept;     ///< of the resized frame
};

/// Half of @p difference as torchvision's CenterCrop rounds it: halves to the even neighbour.
int centred(int difference) {
  return static_cast<int>(std::nearbyint(difference / 2.0));
}

/// validate() has made sure that the crop fits.
Resizing shorter_side_resizing(Size frame, int shorter_side, Size crop) {
  const int shorter = std::min(frame.width, frame.height);
  const auto scaled = [&](int side) {
    return side == shorter
               ? shorter_side
               : static_cast<int>(static_cast<std::int64_t>(shorter_side) * side / shorter);
  };
  const Size resized = {scaled(frame.width), scaled(frame.height)};
  return {resized,
          {centred(resized.width - crop.width), centred(resized.height - crop.height), crop.width,
           crop.height}};
}

Size area_size(Size frame, int area_side) {
  const auto side = [&](int along, int across) {
    const double length = area_side * std::sqrt(static_cast<double>(along) / across);
    return std::max(1, static_cast<int>(std::lround(length / smallest_input_side))) * smallest_input_side;
  };
  return {side(frame.width, frame.height), side(frame.height, frame.width)};
}

Resizing plan_resizing(Size frame, const PreprocessOptions& options) {
  if (frame.width < smallest_input_side || frame.height < smallest_input_side)
    throw Error(ErrorCode::unsupported_frame,
                "a frame of " + to_string(frame) +
                    " is too small to inspect: both sides must have at " + "least " +
                    std::to_string(smallest_input_side) + " pixels");
  Size resized = options.exact;
  switch (options.mode) {
    case ResizeMode::shorter_side:
      return shorter_side_resizing(frame, options.shorter_side, options.crop);
    case ResizeMode::area:
      resized = area_size(frame, options.area_side);
      break;
    case ResizeMode::exact:
      break;
  }
  return {resized, {0, 0, resized.width, resized.height}};
}

/// Where @p position of a resized axis lies in the frame.
int frame_position(int position, int frame_length, int resized_length) {
  return static_cast<int>(
      std::lround(static_cast<double>(position) * frame_length / resized_length));
}

/// The pass along a row: weighted means of the summed pixels, normalized, for one colour.
template <int step>
void resize_row(const float* sums, const TriangleFilter& columns, float scale, float shift,
                float* output) {
  const int input_begin = columns.input_begin();
  for (int x = 0; x < columns.size(); ++x) {
    const TriangleFilter::Taps taps = columns.taps(x);
    const float* first = sums + static_cast<std::ptrdiff_t>(taps.first - input_begin) * step;
    float sum = 0;
    for (int i = 0; i < taps.count; ++i) sum += taps.weights[i] * first[i * step];
    output[x] = sum * scale + shift;
  }
}

}  // namespace

Preprocess::Preprocess(const PreprocessOptions& options) : options_(options) {
  options_.validate();
}

InputGeometry Preprocess::geometry(Size frame) const {
  const Resizing resizing = plan_resizing(frame, options_);
  const Rect& kept = resizing.kept;
  const int left = frame_position(kept.x, frame.width, resizing.resized.width);
  const int top = frame_position(kept.y, frame.height, resizing.resized.height);
  const int right = frame_position(kept.x + kept.width, frame.width, resizing.resized.width);
  const int bottom = frame_position(kept.y + kept.height, frame.height, resizing.resized.height);
  return {{kept.width, kept.height}, {left, top, right - left, bottom - top}};
}

void Preprocess::run(const ImageView& frame, InputTensor& output, Workspace& workspace) const {
  const Resizing resizing = plan_resizing(frame.size, options_);
  const Rect& kept = resizing.kept;
  const TriangleFilter columns(frame.size.width, resizing.resized.width, kept.x,
                               kept.x + kept.width);
  const TriangleFilter rows(frame.size.height, resizing.resized.height, kept.y,
                            kept.y + kept.height);
  const PixelRows pixels(frame, columns.input_begin(), columns.input_end());
  const PixelRowLayout& layout = pixels.layout();
  const auto resize = layout.step == 1   ? resize_row<1>
                      : layout.step == 3 ? resize_row<3>
                                         : resize_row<4>;

  output.batch = 1;
  output.height = kept.height;
  output.width = kept.width;
  const std::size_t plane = static_cast<std::size_t>(kept.height) * kept.width;
  output.values.resize(3 * plane);
  const auto row_values = static_cast<std::size_t>(layout.values);
  workspace.summed_rows.resize(row_values * omp_get_max_threads());

  // Down the columns first: this pass runs along whole rows of the frame, which vectorizes, and
  // leaves little to the other.
#pragma omp parallel for schedule(static)
  for (int y = 0; y < kept.height; ++y) {
    float* sums = workspace.summed_rows.data() + row_values * omp_get_thread_num();
    std::fill(sums, sums + row_values, 0.0F);
    const TriangleFilter::Taps taps = rows.taps(y);
    for (int i = 0; i < taps.count; ++i) pixels.add(taps.first + i, taps.weights[i], sums);
    for (int colour = 0; colour < 3; ++colour)
      resize(sums + layout.offsets[colour], columns, 1 / (255 * options_.deviation[colour]),
             -options_.mean[colour] / options_.deviation[colour],
             output.values.data() + colour * plane + static_cast<std::size_t>(y) * kept.width);
  }
}

}  // namespace patchcore
