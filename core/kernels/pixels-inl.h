// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The bodies of all pixel kernels. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have. To be compiled without fused
// multiply-add: all variants give the same bits.
#pragma once

#include "core/kernels/pixels.h"

namespace patchcore {
namespace {

/// Comparisons and not std::clamp, whose references keep the compiler from vectorizing.
void add_clamped(const float* grey, const float* chroma, int columns, float* __restrict output) {
  for (int i = 0; i < columns; ++i) {
    const float value = grey[i] + chroma[i];
    const float positive = value > 0 ? value : 0;
    output[i] = positive < 255 ? positive : 255;
  }
}

/// In blocks and small loops, each of which the compiler vectorizes.
template <int luma_step, int chroma_step>
void convert_yuv_steps(const YuvRow& row, const YuvToRgb& yuv, int columns, float* rgb, int plane) {
  constexpr int block = 64;
  float grey[block];
  float red[block];
  float green[block];
  float blue[block];
  for (int begin = 0; begin < columns; begin += block) {
    const int width = columns - begin < block ? columns - begin : block;
    const int pairs = (width + 1) / 2;
    const std::uint8_t* luma = row.luma + begin * luma_step;
    const std::uint8_t* u = row.u + begin / 2 * chroma_step;
    const std::uint8_t* v = row.v + begin / 2 * chroma_step;
    for (int i = 0; i < pairs; ++i) {
      const float u_value = static_cast<float>(u[i * chroma_step]) - 128;
      const float v_value = static_cast<float>(v[i * chroma_step]) - 128;
      red[2 * i] = red[2 * i + 1] = yuv.v_to_red * v_value;
      green[2 * i] = green[2 * i + 1] = yuv.u_to_green * u_value + yuv.v_to_green * v_value;
      blue[2 * i] = blue[2 * i + 1] = yuv.u_to_blue * u_value;
    }
    for (int i = 0; i < width; ++i)
      grey[i] = yuv.luma_scale * (static_cast<float>(luma[i * luma_step]) - yuv.luma_offset);
    add_clamped(grey, red, width, rgb + begin);
    add_clamped(grey, green, width, rgb + plane + begin);
    add_clamped(grey, blue, width, rgb + 2 * plane + begin);
  }
}

void convert_yuv(const YuvRow& row, const YuvToRgb& yuv, int columns, float* rgb, int plane) {
  if (row.luma_step == 2) return convert_yuv_steps<2, 4>(row, yuv, columns, rgb, plane);
  if (row.chroma_step == 2) return convert_yuv_steps<1, 2>(row, yuv, columns, rgb, plane);
  convert_yuv_steps<1, 1>(row, yuv, columns, rgb, plane);
}

void convert_bytes(const std::uint8_t* bytes, int count, float* __restrict values) {
  for (int i = 0; i < count; ++i) values[i] = static_cast<float>(bytes[i]);
}

void add_row(const float* row, float weight, int count, float* __restrict sums) {
  for (int i = 0; i < count; ++i) sums[i] += weight * row[i];
}

/// Eight sums that take turns, then added half by half, whatever the registers are.
/// @tparam Register  has a type Vector, of float32 values and as many bytes as a register, that may
///                   lie anywhere
template <typename Register>
void resize_row(const RowResizing& resizing, const float* row, float* __restrict output) {
  using Vector = typename Register::Vector;
  typedef float Half __attribute__((vector_size(16), aligned(4)));
  constexpr int width = 8;
  constexpr int lanes = sizeof(Vector) / sizeof(float);
  constexpr int vectors = width / lanes;
  union Sums {
    Vector all[vectors];
    Half halves[2];
  };
  const float* weights = resizing.weights;
  for (int x = 0; x < resizing.length; ++x, weights += resizing.taps) {
    const float* values = row + resizing.first[x];
    Sums sums = {};
    for (int i = 0; i < resizing.taps; i += width) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        sums.all[v] += *reinterpret_cast<const Vector*>(weights + i + v * lanes) *
                       *reinterpret_cast<const Vector*>(values + i + v * lanes);
      }
    }
    const Half half = sums.halves[0] + sums.halves[1];
    const float sum = (half[0] + half[2]) + (half[1] + half[3]);
    output[x] = sum * resizing.scale + resizing.shift;
  }
}

template <typename Register>
PixelKernels make_pixel_kernels(const char* instruction_set) {
  return {instruction_set, convert_yuv, convert_bytes, add_row, resize_row<Register>};
}

}  // namespace
}  // namespace patchcore
