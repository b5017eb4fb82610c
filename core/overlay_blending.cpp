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
#include <new>
#include <vector>

#include "core/error.h"
#include "core/pixel_formats.h"

namespace patchcore {
namespace {

/// Of weights between two samples: they fit, times a byte, 16 bits.
constexpr int weight_one = 128;

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

/// The picture at its own size in the frame's components, each weighted by alpha, and alpha.
struct Source {
  int width = 0;
  int height = 0;
  std::array<std::vector<std::uint8_t>, 3> weighted;  ///< [height, width]
  std::vector<std::uint8_t> alpha;                    ///< [height, width]
  std::vector<bool> row_shows;                        ///< [height]
};

/// components() as a matrix, for it is affine: value = offset + sum of factors * colour.
struct ColourMatrix {
  float offset[3];
  float factors[3][3];  ///< [component][red, green, blue]
};

ColourMatrix colour_matrix(const WritableImageView& frame) {
  ColourMatrix matrix = {};
  const Colour black = components({0, 0, 0}, frame);
  for (std::size_t colour = 0; colour < 3; ++colour) {
    Colour unit = {0, 0, 0};
    unit[colour] = 1;
    const Colour value = components(unit, frame);
    for (std::size_t c = 0; c < 3; ++c) {
      matrix.offset[c] = static_cast<float>(black[c]);
      matrix.factors[c][colour] = static_cast<float>(value[c] - black[c]);
    }
  }
  return matrix;
}

Source make_source(const OverlayPicture& picture, const WritableImageView& frame) {
  Source source;
  source.width = picture.size.width;
  source.height = picture.size.height;
  const auto width = static_cast<std::size_t>(source.width);
  const std::size_t pixels = width * static_cast<std::size_t>(source.height);
  for (auto& plane : source.weighted) plane.resize(pixels);
  source.alpha.resize(pixels);
  source.row_shows.assign(static_cast<std::size_t>(source.height), false);
  const ColourMatrix matrix = colour_matrix(frame);
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* bgra = picture.pixels.data() + 4 * i;
    source.alpha[i] = bgra[3];
    if (bgra[3] == 0) continue;
    source.row_shows[i / width] = true;
    const float share = static_cast<float>(bgra[3]) / 255;
    for (std::size_t c = 0; c < 3; ++c) {
      const float* factors = matrix.factors[c];
      const float value = matrix.offset[c] + factors[0] * static_cast<float>(bgra[2]) +
                          factors[1] * static_cast<float>(bgra[1]) +
                          factors[2] * static_cast<float>(bgra[0]);
      const float weighted = std::clamp(value * share, 0.0F, 255.0F);
      source.weighted[c][i] = static_cast<std::uint8_t>(weighted + 0.5F);
    }
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
  result.weight = static_cast<int>(std::lround((at - result.first) * weight_one));
  return result;
}

/// One plane of the frame, from the first group that the target covers to the last.
struct Target {
  PlaneLayout layout;
  int first_group = 0;
  int groups = 0;
  std::vector<Tap> taps;        ///< [groups * bytes of a group]
  std::vector<int> components;  ///< [bytes of a group]

  std::size_t bytes() const { return taps.size(); }
};

Target make_target(const PlaneLayout& layout, const OverlayPicture& picture, int left, int right) {
  Target target;
  target.layout = layout;
  target.first_group = left / layout.pixels;
  target.groups = (right + layout.pixels - 1) / layout.pixels - target.first_group;
  for (const PlaneByte& byte : layout.group) target.components.push_back(byte.component);
  for (int group = 0; group < target.groups; ++group) {
    for (const PlaneByte& byte : layout.group) {
      const int pixel = (target.first_group + group) * layout.pixels + byte.pixel;
      Tap at;
      at.first = -1;  // not covered
      if (byte.component >= 0 && pixel >= left && pixel < right) {
        at = tap(pixel - picture.target.x, picture.target.width, picture.size.width);
      }
      target.taps.push_back(at);
    }
  }
  return target;
}

/// A row of the source, stretched to the bytes of a plane.
struct StretchedRow {
  int row = -1;
  std::vector<std::uint16_t> weighted;
  std::vector<std::uint16_t> alpha;
};

int mix(const std::uint8_t* row, const Tap& at) {
  return (row[at.first] * (weight_one - at.weight) + row[at.second] * at.weight + weight_one / 2) /
         weight_one;
}

void stretch(const Source& source, int row, const Target& target, StretchedRow& stretched) {
  if (stretched.row == row) return;
  stretched.row = row;
  if (!source.row_shows[static_cast<std::size_t>(row)]) {
    stretched.weighted.assign(target.bytes(), 0);
    stretched.alpha.assign(target.bytes(), 0);
    return;
  }
  stretched.weighted.resize(target.bytes());
  stretched.alpha.resize(target.bytes());
  const auto first = static_cast<std::size_t>(row) * static_cast<std::size_t>(source.width);
  const std::uint8_t* alpha = source.alpha.data() + first;
  const std::size_t step = target.components.size();
  for (std::size_t offset = 0; offset < step; ++offset) {
    const int component = std::max(0, target.components[offset]);
    const std::uint8_t* weighted =
        source.weighted[static_cast<std::size_t>(component)].data() + first;
    for (std::size_t i = offset; i < target.bytes(); i += step) {
      const Tap& at = target.taps[i];
      const bool covered = at.first >= 0;
      stretched.weighted[i] = static_cast<std::uint16_t>(covered ? mix(weighted, at) : 0);
      stretched.alpha[i] = static_cast<std::uint16_t>(covered ? mix(alpha, at) : 0);
    }
  }
}

/// In 16 bits throughout, which the compiler vectorizes.
void blend_row(const StretchedRow& above, const StretchedRow& below, int weight_below,
               std::size_t bytes, std::uint8_t* __restrict pixels) {
  const std::uint16_t* __restrict weighted_above = above.weighted.data();
  const std::uint16_t* __restrict weighted_below = below.weighted.data();
  const std::uint16_t* __restrict alpha_above = above.alpha.data();
  const std::uint16_t* __restrict alpha_below = below.alpha.data();
  const auto second = static_cast<std::uint16_t>(weight_below);
  const auto first = static_cast<std::uint16_t>(weight_one - weight_below);
  constexpr std::uint16_t half = weight_one / 2;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto weighted = static_cast<std::uint16_t>(
        static_cast<std::uint16_t>(weighted_above[i] * first + weighted_below[i] * second + half) /
        weight_one);
    const auto alpha = static_cast<std::uint16_t>(
        static_cast<std::uint16_t>(alpha_above[i] * first + alpha_below[i] * second + half) /
        weight_one);
    const auto kept = static_cast<std::uint16_t>(pixels[i] * (255 - alpha) + 128);
    // Divided by 255.
    const auto rest =
        static_cast<std::uint16_t>(static_cast<std::uint16_t>(kept + (kept >> 8)) >> 8);
    const auto sum = static_cast<std::uint16_t>(rest + weighted);
    pixels[i] = static_cast<std::uint8_t>(sum < 255 ? sum : 255);
  }
}

/// The frame rows @p begin to @p end of one plane.
void blend_rows(const Source& source, const OverlayPicture& picture, const Target& target,
                int begin, int end, std::uint8_t* plane, std::ptrdiff_t stride,
                std::array<StretchedRow, 2>& stretched) {
  const int apart = target.layout.rows_apart;
  for (StretchedRow& row : stretched) row.row = -1;
  for (int y = (begin + apart - 1) / apart * apart; y < end; y += apart) {
    const Tap rows = tap(y - picture.target.y, picture.target.height, picture.size.height);
    if (!source.row_shows[static_cast<std::size_t>(rows.first)] &&
        !source.row_shows[static_cast<std::size_t>(rows.second)]) {
      continue;
    }
    if (stretched[1].row == rows.first) std::swap(stretched[0], stretched[1]);
    stretch(source, rows.first, target, stretched[0]);
    if (rows.second != rows.first) stretch(source, rows.second, target, stretched[1]);
    const StretchedRow& below = rows.second != rows.first ? stretched[1] : stretched[0];
    std::uint8_t* pixels = plane + y / apart * stride +
                           static_cast<std::ptrdiff_t>(target.first_group) *
                               static_cast<std::ptrdiff_t>(target.components.size());
    blend_row(stretched[0], below, rows.weight, target.bytes(), pixels);
  }
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

  const Source source = make_source(picture, frame);
  std::vector<Target> targets;
  for (const PlaneLayout& layout : plane_layouts(frame.format)) {
    targets.push_back(make_target(layout, picture, left, right));
  }
  // No exception may leave a parallel region, so all memory is taken before it.
  const int bands = omp_get_max_threads();
  std::size_t longest = 0;
  for (const Target& target : targets) longest = std::max(longest, target.bytes());
  std::vector<std::array<StretchedRow, 2>> scratch(static_cast<std::size_t>(bands));
  for (auto& rows : scratch) {
    for (StretchedRow& row : rows) {
      row.weighted.reserve(longest);
      row.alpha.reserve(longest);
    }
  }
#pragma omp parallel for schedule(static, 1)
  for (int band = 0; band < bands; ++band) {
    const auto height = static_cast<std::int64_t>(bottom - top);
    const int begin = top + static_cast<int>(height * band / bands);
    const int end = top + static_cast<int>(height * (band + 1) / bands);
    for (std::size_t plane = 0; plane < targets.size(); ++plane) {
      blend_rows(source, picture, targets[plane], begin, end, frame.planes[plane],
                 frame.strides[plane], scratch[static_cast<std::size_t>(band)]);
    }
  }
}

}  // namespace patchcore
