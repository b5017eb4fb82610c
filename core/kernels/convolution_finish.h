// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What follows the sums of a convolution, written for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/kernels/bfloat16.h"

namespace patchcore {

/// The values of a convolution's result at many positions, [positions, channels], and what is
/// added.
template <typename Value>
struct ConvolutionSums {
  Value* values = nullptr;
  const Value* shortcut = nullptr;  ///< [positions, channels], or null
  const float* bias = nullptr;      ///< [channels]
  std::size_t positions = 0;
  std::size_t channels = 0;
  float least = 0;    ///< smaller results become this; -infinity: none
  float largest = 0;  ///< larger results become this; infinity: none
};

/// values = values + bias + shortcut within the limits, in float32; bfloat16 results are rounded to
/// the nearest, even where two are. What is not a number stays so. The same for every instruction
/// set, to the last bit.
struct ConvolutionFinishKernels {
  const char* instruction_set;
  void (*float32)(const ConvolutionSums<float>& sums);
  void (*bfloat16)(const ConvolutionSums<Bfloat16Bits>& sums);
};

/// Those that this machine can run, the slowest first.
const std::vector<ConvolutionFinishKernels>& convolution_finish_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
ConvolutionFinishKernels convolution_finish_kernels_generic();
ConvolutionFinishKernels convolution_finish_kernels_avx2();

}  // namespace patchcore
