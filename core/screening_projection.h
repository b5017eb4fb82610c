// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches in the coordinates of the screened search's bound, on the engine's own threads.
#pragma once

#include <cstddef>
#include <vector>

#include "core/kernels/row_convolution.h"
#include "core/types.h"

namespace patchcore {

/// z(x) = (Dx, |x - D'Dx|) of x = patch - mean, in float32; see screening_level.cpp.
class ScreeningProjection {
 public:
  /// @param directions  D, [count, columns]
  /// @param mean        [columns]
  ScreeningProjection(const PatchMatrix& directions, std::vector<float> mean);

  /// Values of one z.
  std::size_t length() const { return count_ + 1; }

  struct Coordinates {
    std::vector<float> values;            ///< [rows, length()], z
    std::vector<double> squared_lengths;  ///< [rows], of z
    std::vector<double> lengths;          ///< [rows], of x
  };

  /// Of rows [first, first + rows) of the points. Sums are taken in float32, in any order.
  Coordinates project(const PatchMatrix& points, std::size_t first, std::size_t rows) const;

 private:
  struct Scratch;

  void project_chunk(const float* points, std::size_t rows, Scratch& scratch, float* values,
                     double* squared_lengths, double* lengths) const;

  RowConvolutionKernels<float> kernels_;
  std::vector<float> mean_;
  std::size_t columns_;
  std::size_t count_;
  std::vector<float> forth_;  ///< D, packed for the kernels
  std::vector<float> back_;   ///< -D', packed
  std::vector<float> zeros_;  ///< a bias
};

}  // namespace patchcore
