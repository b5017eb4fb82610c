// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What follows the sums of a convolution where LibTorch does not do it: one pass over them.
#include "core/backbone/convolution_finish.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/backbone/activation.h"
#include "core/kernels/convolution_finish.h"

namespace patchcore {
namespace {

constexpr std::int64_t values_worth_a_thread = 16384;

/// @tparam Value  as the kernels know it
/// @tparam Type   as LibTorch does, of the same bits
template <typename Value, typename Type>
ConvolutionSums<Value> describe(const at::Tensor& sums, const at::Tensor& bias,
                                const at::Tensor& shortcut, Activation activation) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  ConvolutionSums<Value> result;
  result.values = reinterpret_cast<Value*>(sums.data_ptr<Type>());
  if (shortcut.defined()) {
    result.shortcut = reinterpret_cast<const Value*>(shortcut.data_ptr<Type>());
  }
  result.bias = bias.data_ptr<float>();
  result.channels = static_cast<std::size_t>(sums.size(1));
  result.positions = static_cast<std::size_t>(sums.numel()) / result.channels;
  const bool rectified = activation == Activation::relu || activation == Activation::relu6;
  result.least = rectified ? 0 : -infinity;
  result.largest = activation == Activation::relu6 ? 6 : infinity;
  return result;
}

template <typename Value>
void finish(const ConvolutionSums<Value>& sums, void (*kernel)(const ConvolutionSums<Value>&)) {
  const auto channels = static_cast<std::int64_t>(sums.channels);
  const std::int64_t grain = std::max<std::int64_t>(values_worth_a_thread / channels, 1);
  at::parallel_for(0, static_cast<std::int64_t>(sums.positions), grain,
                   [&](std::int64_t begin, std::int64_t end) {
                     ConvolutionSums<Value> part = sums;
                     part.values += begin * channels;
                     if (part.shortcut != nullptr) part.shortcut += begin * channels;
                     part.positions = static_cast<std::size_t>(end - begin);
                     kernel(part);
                   });
}

}  // namespace

void finish_convolution(const at::Tensor& sums, const at::Tensor& bias, const at::Tensor& shortcut,
                        Activation activation) {
  const ConvolutionFinishKernels& kernels = convolution_finish_kernels().back();
  if (sums.scalar_type() == at::kBFloat16) {
    finish(describe<Bfloat16Bits, at::BFloat16>(sums, bias, shortcut, activation),
           kernels.bfloat16);
  } else {
    finish(describe<float, float>(sums, bias, shortcut, activation), kernels.float32);
  }
  // The smooth ones take another pass, by LibTorch's own vector code.
  if (activation == Activation::silu || activation == Activation::sigmoid)
    activate(sums, activation);
}

}  // namespace patchcore
