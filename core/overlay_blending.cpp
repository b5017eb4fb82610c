// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Draws overlay pictures into frames.
//
// The picture is small and the frame large, so the work a pixel of the frame is kept least: the
// picture's colours become those of the frame, weighted by alpha, at the picture's size; each of
// its rows is stretched to the frame's width once; and the frame's rows mix two of them.
#include "core/overlay_blending.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/kernels/overlay_rows.h"
#include "core/pixel_formats.h"

namespace patchcore {
namespace {

/// Another thread has to be woken, and those that score frames are slower beside it: see
/// release_own_threads(). So there is none below a 1080p frame of 12 bits a pixel and some.
constexpr std::size_t bytes_per_band = std::size_t{4} << 20;

/// A byte of a row of a plane, counted in groups that repeat: what it holds and of which pixel.
struct PlaneByte {
  int component = -1;  ///< 0 to 2, or none
  int pixel = 0;       ///< within the group
};

/// How the bytes of a plane follow each other.
struct PlaneLayout {
  std::vector<PlaneByte> group;
  int pixels = 1;      ///< of a group
  int rows_apart = 1;  ///< frame rows for each row of the plane
};

std::vector<PlaneLayout> plane_layouts(PixelFormat format) {
  const PlaneLayout luma = {{{0, 0}}, 1, 1};
  switch (format) {
    case PixelFormat::gray8:
      return {luma};
    case PixelFormat::i420:
      return {luma, {{{1, 0}}, 2, 2}, {{{2, 0}}, 2, 2}};
    case PixelFormat::nv12:
      return {luma, {{{1, 0}, {2, 0}}, 2, 2}};
    case PixelFormat::yuy2:
      return {{{{0, 0}, {1, 0}, {0, 1}, {2, 0}}, 2, 1}};
    default:
      break;
  }
  PlaneLayout packed;
  packed.group.resize(static_cast<std::size_t>(row_bytes(format, 1)[0]));
  const std::array<int, 3> offsets = colour_offsets(format);
  for (int colour = 0; colour < 3; ++colour) {
    packed.group[static_cast<std::size_t>(offsets[static_cast<std::size_t>(colour)])].component =
        colour;
  }
  return {packed};
}

using Colour = std::array<double, 3>;

/// The frame's three components of a colour, 0 to 255.
Colour components(const Colour& rgb, const WritableImageView& frame) {
  if (!is_yuv(frame.format) && frame.format != PixelFormat::gray8) return rgb;
  const LumaShares shares = luma_shares(frame.yuv_matrix);
  const double luma =
      shares.red * rgb[0] + (1 - shares.red - shares.blue) * rgb[1] + shares.blue * rgb[2];
  if (frame.format == PixelFormat::gray8) return {luma, 0, 0};
  const double u = (rgb[2] - luma) / (2 * (1 - shares.blue));
  const double v = (rgb[0] - luma) / (2 * (1 - shares.red));
  if (frame.full_range) return {luma, 128 + u, 128 + v};
  return {16 + luma * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255};
}

/// components() as sums, for it is affine.
std::array<ColourComponent, 3> colour_components(const WritableImageView& frame) {
  const Colour black = components({0, 0, 0}, frame);
  const Colour red = components({1, 0, 0}, frame);
  const Colour green = components({0, 1, 0}, frame);
  const Colour blue = components({0, 0, 1}, frame);
  std::array<ColourComponent, 3> sums;
  for (std::size_t c = 0; c < 3; ++c) {
    sums[c] = {static_cast<float>(black[c]), static_cast<float>(red[c] - black[c]),
               static_cast<float>(green[c] - black[c]), static_cast<float>(blue[c] - black[c])};
  }
  return sums;
}

/// Of each row: what stretching may read beyond it.
constexpr std::size_t bytes_beyond = stretched_per_block;

/// The picture at its own size: what of it is the same for all planes.
struct Source {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> alpha;  ///< [height, width]
  std::vector<bool> row_shows;      ///< [height]
};

Source make_source(const OverlayPicture& picture) {
  Source source;
  source.width = picture.size.width;
  source.height = picture.size.height;
  const auto width = static_cast<std::size_t>(source.width);
  const std::size_t pixels = width * static_cast<std::size_t>(source.height);
  source.alpha.resize(pixels + bytes_beyond);
  for (std::size_t i = 0; i < pixels; ++i) source.alpha[i] = picture.pixels[4 * i + 3];
  for (auto row = source.alpha.begin();
       source.row_shows.size() < static_cast<std::size_t>(source.height); row += source.width) {
    source.row_shows.push_back(
        std::any_of(row, row + source.width, [](std::uint8_t alpha) { return alpha != 0; }));
  }
  return source;
}

/// Where a position of the target lies between two samples of the source.
struct Tap {
  int first = 0;
  int second = 0;
  int weight = 0;  ///< of the second, of weight_one
};

Tap tap(int position, int target_length, int source_length) {
  const double at = std::clamp((position + 0.5) * source_length / target_length - 0.5, 0.0,
                               static_cast<double>(source_length - 1));
  Tap result;
  result.first = static_cast<int>(at);
  result.second = std::min(result.first + 1, source_length - 1);
  result.weight = static_cast<int>(std::lround((at - result.first) * overlay_weight_one));
  return result;
}

/// How a row of samples becomes the bytes of a row of a plane.
using Stretch = std::vector<StretchedBlock>;

/// Two samples of a row, or none.
struct StretchedByte {
  int first = -1;
  int second = -1;
  int weight = 0;
};

/// As many bytes to a block as mix samples that lie within 16 of each other.
Stretch make_stretch(const std::vector<StretchedByte>& bytes) {
  constexpr int reach = static_cast<int>(stretched_per_block);
  Stretch blocks;
  for (std::size_t i = 0; i < bytes.size();) {
    StretchedBlock block;
    std::fill_n(block.first, stretched_per_block, no_overlay_sample);
    std::fill_n(block.second, stretched_per_block, no_overlay_sample);
    std::fill_n(block.weight, stretched_per_block, 0);
    block.target = static_cast<std::int32_t>(i);
    int lowest = std::numeric_limits<int>::max();
    int highest = -1;
    std::size_t end = i;
    for (; end < bytes.size() && end < i + stretched_per_block; ++end) {
      if (bytes[end].first < 0) continue;
      const int low = std::min(lowest, bytes[end].first);
      const int high = std::max(highest, bytes[end].second);
      if (high - low >= reach) break;
      lowest = low;
      highest = high;
    }
    block.base = highest < 0 ? 0 : lowest;
    for (std::size_t lane = 0; i < end; ++i, ++lane) {
      if (bytes[i].first < 0) continue;
      block.first[lane] = static_cast<std::uint8_t>(bytes[i].first - block.base);
      block.second[lane] = static_cast<std::uint8_t>(bytes[i].second - block.base);
      block.weight[lane] = static_cast<std::uint8_t>(bytes[i].weight);
    }
    blocks.push_back(block);
  }
  return blocks;
}

/// One plane of the frame, from the first group that the target covers to the last.
struct Target {
  int rows_apart = 1;
  std::ptrdiff_t first_byte = 0;
  std::size_t bytes = 0;
  std::vector<int> components;         ///< that the plane has
  std::vector<std::uint8_t> weighted;  ///< [height, width, components]: of the picture, times alpha
  Stretch stretch_weighted;
  Stretch stretch_alpha;

  /// Of a stretched row, with what stretching may write beyond it.
  std::size_t stretched_values() const { return bytes + stretched_per_block; }
};

/// The picture in those of the frame's components that the target has.
void weigh(const OverlayPicture& picture, const std::array<ColourComponent, 3>& sums,
           const OverlayKernels& kernels, Target& target) {
  const std::size_t pixels = picture.pixels.size() / 4;
  const std::size_t step = target.components.size();
  target.weighted.resize(step * pixels + bytes_beyond);
  if (step == 1) {
    const ColourComponent& sum = sums[static_cast<std::size_t>(target.components[0])];
    kernels.weigh(picture.pixels.data(), pixels, sum, target.weighted.data());
    return;
  }
  std::vector<std::uint8_t> plane(pixels);
  for (std::size_t c = 0; c < step; ++c) {
    const ColourComponent& sum = sums[static_cast<std::size_t>(target.components[c])];
    kernels.weigh(picture.pixels.data(), pixels, sum, plane.data());
    for (std::size_t i = 0; i < pixels; ++i) target.weighted[step * i + c] = plane[i];
  }
}

Target make_target(const PlaneLayout& layout, const OverlayPicture& picture, int left, int right) {
  Target target;
  target.rows_apart = layout.rows_apart;
  const int first_group = left / layout.pixels;
  const int groups = (right + layout.pixels - 1) / layout.pixels - first_group;
  target.first_byte =
      static_cast<std::ptrdiff_t>(first_group) * static_cast<std::ptrdiff_t>(layout.group.size());
  for (int c = 0; c < 3; ++c) {
    const auto holds = [c](const PlaneByte& byte) { return byte.component == c; };
    if (std::any_of(layout.group.begin(), layout.group.end(), holds)) {
      target.components.push_back(c);
    }
  }
  const auto step = static_cast<int>(target.components.size());
  std::vector<StretchedByte> weighted;
  std::vector<StretchedByte> alpha;
  for (int group = 0; group < groups; ++group) {
    for (const PlaneByte& byte : layout.group) {
      StretchedByte of_weighted;
      StretchedByte of_alpha;
      const int pixel = (first_group + group) * layout.pixels + byte.pixel;
      if (byte.component >= 0 && pixel >= left && pixel < right) {
        const Tap at = tap(pixel - picture.target.x, picture.target.width, picture.size.width);
        const auto component = static_cast<int>(
            std::find(target.components.begin(), target.components.end(), byte.component) -
            target.components.begin());
        of_weighted = {at.first * step + component, at.second * step + component, at.weight};
        of_alpha = {at.first, at.second, at.weight};
      }
      weighted.push_back(of_weighted);
      alpha.push_back(of_alpha);
    }
  }
  target.bytes = weighted.size();
  target.stretch_weighted = make_stretch(weighted);
  target.stretch_alpha = make_stretch(alpha);
  return target;
}

/// A row of the source, stretched to the bytes of a plane.
struct StretchedRow {
  int row = -1;
  std::vector<std::uint16_t> weighted;
  std::vector<std::uint16_t> alpha;
};

void stretch(const Source& source, int row, const Target& target, const OverlayKernels& kernels,
             StretchedRow& stretched) {
  if (stretched.row == row) return;
  stretched.row = row;
  if (!source.row_shows[static_cast<std::size_t>(row)]) {
    std::fill_n(stretched.weighted.begin(), target.bytes, 0);
    std::fill_n(stretched.alpha.begin(), target.bytes, 0);
    return;
  }
  const auto first = static_cast<std::size_t>(row) * static_cast<std::size_t>(source.width);
  kernels.stretch(target.stretch_weighted.data(), target.stretch_weighted.size(),
                  target.weighted.data() + first * target.components.size(),
                  stretched.weighted.data());
  kernels.stretch(target.stretch_alpha.data(), target.stretch_alpha.size(),
                  source.alpha.data() + first, stretched.alpha.data());
}

/// The frame rows @p begin to @p end of one plane.
void blend_rows(const Source& source, const OverlayPicture& picture, const Target& target,
                const OverlayKernels& kernels, int begin, int end, std::uint8_t* plane,
                std::ptrdiff_t stride, std::array<StretchedRow, 2>& stretched) {
  const int apart = target.rows_apart;
  for (StretchedRow& row : stretched) row.row = -1;
  for (int y = (begin + apart - 1) / apart * apart; y < end; y += apart) {
    const Tap rows = tap(y - picture.target.y, picture.target.height, picture.size.height);
    if (!source.row_shows[static_cast<std::size_t>(rows.first)] &&
        !source.row_shows[static_cast<std::size_t>(rows.second)]) {
      continue;
    }
    if (stretched[1].row == rows.first) std::swap(stretched[0], stretched[1]);
    stretch(source, rows.first, target, kernels, stretched[0]);
    if (rows.second != rows.first) stretch(source, rows.second, target, kernels, stretched[1]);
    const StretchedRow& above = stretched[0];
    const StretchedRow& below = rows.second != rows.first ? stretched[1] : stretched[0];
    kernels.blend({above.weighted.data(), below.weighted.data(), above.alpha.data(),
                   below.alpha.data(), rows.weight},
                  target.bytes, plane + y / apart * stride + target.first_byte);
  }
}

/// Parts of the frame that are blended at the same time.
int bands_of(const std::vector<Target>& targets, int rows) {
  std::size_t bytes = 0;
  for (const Target& target : targets) {
    bytes += target.bytes * static_cast<std::size_t>(rows / target.rows_apart);
  }
  const std::size_t bands = 1 + bytes / bytes_per_band;
  return std::min(static_cast<int>(std::min(bands, std::size_t{1024})), omp_get_max_threads());
}

}  // namespace

bool can_blend_overlay(PixelFormat format) {
  return format != PixelFormat::rgba && format != PixelFormat::bgra;
}

void blend_overlay(const OverlayPicture& picture, const WritableImageView& frame) {
  if (!can_blend_overlay(frame.format)) {
    throw Error(ErrorCode::invalid_argument,
                "an overlay cannot be blended into frames with an alpha channel here");
  }
  check_planes(frame);
  if (picture.pixels.empty() || picture.target.width <= 0 || picture.target.height <= 0) return;
  const int left = std::max(0, picture.target.x);
  const int top = std::max(0, picture.target.y);
  const int right = std::min(frame.size.width, picture.target.x + picture.target.width);
  const int bottom = std::min(frame.size.height, picture.target.y + picture.target.height);
  if (left >= right || top >= bottom) return;

  const OverlayKernels& kernels = overlay_kernels().back();
  const Source source = make_source(picture);
  const std::array<ColourComponent, 3> sums = colour_components(frame);
  std::vector<Target> targets;
  std::size_t longest = 0;
  for (const PlaneLayout& layout : plane_layouts(frame.format)) {
    targets.push_back(make_target(layout, picture, left, right));
    weigh(picture, sums, kernels, targets.back());
    longest = std::max(longest, targets.back().stretched_values());
  }
  // No exception may leave a parallel region, so all memory is taken before it.
  const int bands = bands_of(targets, bottom - top);
  std::vector<std::array<StretchedRow, 2>> scratch(static_cast<std::size_t>(bands));
  for (auto& rows : scratch) {
    for (StretchedRow& row : rows) {
      row.weighted.resize(longest);
      row.alpha.resize(longest);
    }
  }
#pragma omp parallel for schedule(static, 1) num_threads(bands)
  for (int band = 0; band < bands; ++band) {
    const auto height = static_cast<std::int64_t>(bottom - top);
    const int begin = top + static_cast<int>(height * band / bands);
    const int end = top + static_cast<int>(height * (band + 1) / bands);
    for (std::size_t plane = 0; plane < targets.size(); ++plane) {
      blend_rows(source, picture, targets[plane], kernels, begin, end, frame.planes[plane],
                 frame.strides[plane], scratch[static_cast<std::size_t>(band)]);
    }
  }
}

}  // namespace patchcore
