// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The loops over the pixels of a frame, written for each instruction set.
#pragma once

#include <cstdint>
#include <vector>

namespace patchcore {

/// red = luma_scale * (Y - luma_offset) + v_to_red * (V - 128), and so on.
struct YuvToRgb {
  float luma_offset = 0;
  float luma_scale = 0;
  float v_to_red = 0;
  float u_to_green = 0;
  float v_to_green = 0;
  float u_to_blue = 0;
};

/// Two columns share their chroma.
struct YuvRow {
  const std::uint8_t* luma;
  const std::uint8_t* u;
  const std::uint8_t* v;
  int luma_step;    ///< bytes from a column to the next: 1 or 2
  int chroma_step;  ///< bytes from a pair of columns to the next: 1, 2 or 4
};

/// Weighted means along a row, then a straight line.
struct RowResizing {
  const int* first;      ///< [length]: the first value of each mean
  const float* weights;  ///< [length, taps]
  int taps;              ///< a multiple of 8
  int length;            ///< of the output
  float scale;
  float shift;
};

/// The same for every instruction set, to the last bit.
struct PixelKernels {
  const char* instruction_set;
  /// @param rgb  three planes of @p columns values, 0 to 255, clamped; @p plane apart
  void (*convert_yuv)(const YuvRow& row, const YuvToRgb& matrix, int columns, float* rgb,
                      int plane);
  void (*convert_bytes)(const std::uint8_t* bytes, int count, float* values);
  /// sums += weight * row
  void (*add_row)(const float* row, float weight, int count, float* sums);
  /// output[x] = scale * sum of weights[x, i] * row[first[x] + i] + shift
  /// @param row  readable, and finite, for all taps, those of weight 0 too
  void (*resize_row)(const RowResizing& resizing, const float* row, float* output);
};

/// Those that this machine can run, the slowest first.
const std::vector<PixelKernels>& pixel_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
PixelKernels pixel_kernels_generic();
PixelKernels pixel_kernels_avx2();

}  // namespace patchcore
