// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From a frame of any format to the normalized tensor that the backbone takes.
#include "core/preprocess.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/kernels/pixels.h"
#include "core/pixel_rows.h"
#include "core/triangle_filter.h"

namespace patchcore {
namespace {

Rect whole(Size frame) {
  return {0, 0, frame.width, frame.height};
}

void check_inside(const Rect& part, Size frame) {
  if (part.x >= 0 && part.y >= 0 && part.x <= frame.width - part.width &&
      part.y <= frame.height - part.height) {
    return;
  }
  throw Error(ErrorCode::invalid_argument, "a part of " + size_text({part.width, part.height}) +
                                               " at " + std::to_string(part.x) + "," +
                                               std::to_string(part.y) +
                                               " is not inside of a frame of " + size_text(frame));
}

/// How what is seen of a frame is resized, and which part of the result is kept.
struct Resizing {
  Size resized;  ///< all that is seen
  Rect kept;     ///< of the resized frame
};

/// Half of @p difference as torchvision's CenterCrop rounds it: halves to the even neighbour.
int centred(int difference) {
  return static_cast<int>(std::nearbyint(difference / 2.0));
}

/// The aspect is kept, the longer side rounded down as torchvision does it.
Size shorter_side_size(Size frame, int shorter_side) {
  const int shorter = std::min(frame.width, frame.height);
  const auto scaled = [&](int side) {
    return side == shorter
               ? shorter_side
               : static_cast<int>(static_cast<std::int64_t>(shorter_side) * side / shorter);
  };
  return {scaled(frame.width), scaled(frame.height)};
}

Size area_size(Size frame, int area_side) {
  const auto side = [&](int along, int across) {
    const double length = area_side * std::sqrt(static_cast<double>(along) / across);
    return std::max(1, static_cast<int>(std::lround(length / smallest_input_side))) *
           smallest_input_side;
  };
  return {side(frame.width, frame.height), side(frame.height, frame.width)};
}

/// The centre of the resized frame, or all of it.
Resizing cropped(Size frame, Size resized, const std::optional<Size>& crop) {
  const Size kept = crop.value_or(resized);
  if (kept.width > resized.width || kept.height > resized.height) {
    throw Error(ErrorCode::unsupported_frame, "a picture of " + size_text(frame) + " becomes " +
                                                  size_text(resized) + ", which has no centre of " +
                                                  size_text(kept) + ": set a smaller crop");
  }
  if (kept.width > max_input_side || kept.height > max_input_side) {
    throw Error(ErrorCode::unsupported_frame,
                "a picture of " + size_text(frame) + " becomes " + size_text(resized) +
                    ", and no side may have more than " + std::to_string(max_input_side) +
                    " pixels: set a smaller input size, or a crop");
  }
  return {resized,
          {centred(resized.width - kept.width), centred(resized.height - kept.height), kept.width,
           kept.height}};
}

Resizing plan_resizing(Size frame, const PreprocessOptions& options) {
  if (frame.width < smallest_input_side || frame.height < smallest_input_side)
    throw Error(ErrorCode::unsupported_frame,
                "a picture of " + size_text(frame) +
                    " is too small to inspect: both sides must have at least " +
                    std::to_string(smallest_input_side) + " pixels");
  switch (options.mode) {
    case ResizeMode::area: {
      const Size resized = area_size(frame, options.area_side);
      return {resized, whole(resized)};
    }
    case ResizeMode::exact:
      return cropped(frame, options.exact, options.crop);
    case ResizeMode::shorter_side:
      break;
  }
  return cropped(frame, shorter_side_size(frame, options.shorter_side), options.crop);
}

/// Where @p position of a resized axis lies in the frame.
int frame_position(int position, int frame_length, int resized_length) {
  return static_cast<int>(
      std::lround(static_cast<double>(position) * frame_length / resized_length));
}

/// Both passes over the rows that a thread resizes. Every row of the part that is seen is read
/// once, and added to all output rows that it belongs to; a complete one is resized along the row.
class BandResizing {
 public:
  /// @param top  the first row of the part, of the frame's
  BandResizing(const PixelRows& pixels, int top, const TriangleFilter& rows,
               const TriangleFilter& columns, const PreprocessOptions& options)
      : pixels_(pixels),
        top_(top),
        rows_(rows),
        columns_(columns),
        kernels_(pixel_kernels().back()) {
    for (const int first : columns.first()) first_.push_back(first - columns.input_begin());
    for (int colour = 0; colour < 3; ++colour)
      resizings_[colour] = {first_.data(),
                            columns.weights().data(),
                            columns.padded_taps(),
                            columns.size(),
                            1 / (255 * options.deviation[colour]),
                            -options.mean[colour] / options.deviation[colour]};
  }

  /// Of scratch memory, for each thread.
  std::size_t scratch_values() const {
    return row_values() * (2 + static_cast<std::size_t>(rows_.overlap()));
  }

  /// @param begin, end  output rows
  /// @param scratch     scratch_values() finite numbers
  /// @param output      [3, height, width] of the whole
  void run(int begin, int end, float* scratch, float* output) const {
    float* const row = scratch;
    float* const plane = scratch + row_values();
    const auto sums_of = [&](int y) {
      return scratch + row_values() * static_cast<std::size_t>(2 + y % rows_.overlap());
    };
    const int values = pixels_.layout().values;
    for (int input = rows_.taps(begin).first; begin < end; ++input) {
      pixels_.read(top_ + input, row);
      for (int y = begin; y < end && rows_.taps(y).first <= input; ++y) {
        const TriangleFilter::Taps taps = rows_.taps(y);
        if (input == taps.first) std::fill_n(sums_of(y), values, 0.0F);
        kernels_.add_row(row, taps.weights[input - taps.first], values, sums_of(y));
      }
      for (; begin < end && rows_.taps(begin).first + rows_.taps(begin).count == input + 1; ++begin)
        resize_row(sums_of(begin), plane, begin, output);
    }
  }

 private:
  /// A row, and what the padded taps of the last columns touch behind it.
  std::size_t row_values() const {
    return static_cast<std::size_t>(pixels_.layout().values + columns_.padded_taps());
  }

  void resize_row(const float* sums, float* plane, int y, float* output) const {
    const PixelRowLayout& layout = pixels_.layout();
    const int width = columns_.size();
    for (int colour = 0; colour < 3; ++colour) {
      const float* values = sums + layout.offsets[colour];
      if (layout.step != 1) {
        const int columns = columns_.input_end() - columns_.input_begin();
        for (int x = 0; x < columns; ++x) plane[x] = values[x * layout.step];
        values = plane;
      }
      kernels_.resize_row(resizings_[colour], values,
                          output + (static_cast<std::size_t>(colour) * rows_.size() + y) * width);
    }
  }

  const PixelRows& pixels_;
  const int top_;
  const TriangleFilter& rows_;
  const TriangleFilter& columns_;
  const PixelKernels& kernels_;
  std::vector<int> first_;  ///< [columns]: counted from the first column that is read
  RowResizing resizings_[3];
};

}  // namespace

Preprocess::Preprocess(const PreprocessOptions& options) : options_(options) {
  options_.validate();
}

InputGeometry Preprocess::geometry(Rect part) const {
  const Resizing resizing = plan_resizing({part.width, part.height}, options_);
  const Rect& kept = resizing.kept;
  const int left = frame_position(kept.x, part.width, resizing.resized.width);
  const int top = frame_position(kept.y, part.height, resizing.resized.height);
  const int right = frame_position(kept.x + kept.width, part.width, resizing.resized.width);
  const int bottom = frame_position(kept.y + kept.height, part.height, resizing.resized.height);
  return {{kept.width, kept.height}, {part.x + left, part.y + top, right - left, bottom - top}};
}

InputGeometry Preprocess::geometry(Size frame) const {
  return geometry(whole(frame));
}

void Preprocess::run(const ImageView& frame, Rect part, InputTensor& output,
                     Workspace& workspace) const {
  check_inside(part, frame.size);
  const Resizing resizing = plan_resizing({part.width, part.height}, options_);
  const Rect& kept = resizing.kept;
  const TriangleFilter columns(part.width, resizing.resized.width, kept.x, kept.x + kept.width);
  const TriangleFilter rows(part.height, resizing.resized.height, kept.y, kept.y + kept.height);
  const PixelRows pixels(frame, part.x + columns.input_begin(), part.x + columns.input_end());
  const BandResizing bands(pixels, part.y, rows, columns, options_);

  output.batch = 1;
  output.height = kept.height;
  output.width = kept.width;
  output.values.resize(std::size_t{3} * kept.height * kept.width);
  const std::size_t scratch = bands.scratch_values();
  workspace.frame_rows.resize(scratch * omp_get_max_threads());
#pragma omp parallel
  {
    const int thread = omp_get_thread_num();
    const int threads = omp_get_num_threads();
    bands.run(kept.height * thread / threads, kept.height * (thread + 1) / threads,
              workspace.frame_rows.data() + scratch * thread, output.values.data());
  }
}

void Preprocess::run(const ImageView& frame, InputTensor& output, Workspace& workspace) const {
  run(frame, whole(frame.size), output, workspace);
}

}  // namespace patchcore
