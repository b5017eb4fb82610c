// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What follows the sums of a convolution where LibTorch does not do it: one pass over them.
#include "core/backbone/convolution_finish.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace patchcore {
namespace {

template <Activation activation>
float activate(float value) {
  if constexpr (activation != Activation::none) value = value > 0 ? value : 0;
  if constexpr (activation == Activation::relu6) value = value < 6 ? value : 6;
  return value;
}

float to_float(float value) {
  return value;
}

float to_float(at::BFloat16 value) {
  return static_cast<float>(value);
}

/// One pass over the sums: bias, shortcut, activation.
/// @param values    [positions, channels]
/// @param shortcut  of the same shape, or null
template <Activation activation, typename Value>
void finish(Value* values, const Value* shortcut, const float* bias, std::int64_t positions,
            std::int64_t channels) {
  constexpr std::int64_t values_worth_a_thread = 16384;
  const std::int64_t grain = std::max<std::int64_t>(values_worth_a_thread / channels, 1);
  at::parallel_for(0, positions, grain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t position = begin; position < end; ++position) {
      Value* __restrict row = values + position * channels;
      if (shortcut != nullptr) {
        const Value* added = shortcut + position * channels;
        for (std::int64_t i = 0; i < channels; ++i)
          row[i] = activate<activation>(to_float(row[i]) + bias[i] + to_float(added[i]));
      } else {
        for (std::int64_t i = 0; i < channels; ++i)
          row[i] = activate<activation>(to_float(row[i]) + bias[i]);
      }
    }
  });
}

template <Activation activation, typename Value>
void finish(const at::Tensor& sums, const at::Tensor& bias, const at::Tensor& shortcut) {
  const Value* added = shortcut.defined() ? shortcut.data_ptr<Value>() : nullptr;
  const std::int64_t channels = sums.size(1);
  finish<activation>(sums.data_ptr<Value>(), added, bias.data_ptr<float>(), sums.numel() / channels,
                     channels);
}

template <Activation activation>
void finish(const at::Tensor& sums, const at::Tensor& bias, const at::Tensor& shortcut) {
  if (sums.scalar_type() == at::kBFloat16) {
    finish<activation, at::BFloat16>(sums, bias, shortcut);
  } else {
    finish<activation, float>(sums, bias, shortcut);
  }
}

}  // namespace

void finish_convolution(const at::Tensor& sums, const at::Tensor& bias, const at::Tensor& shortcut,
                        Activation activation) {
  switch (activation) {
    case Activation::none:
      finish<Activation::none>(sums, bias, shortcut);
      break;
    case Activation::relu:
      finish<Activation::relu>(sums, bias, shortcut);
      break;
    case Activation::relu6:
      finish<Activation::relu6>(sums, bias, shortcut);
      break;
  }
}

}  // namespace patchcore
