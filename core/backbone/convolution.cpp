// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution with the batch normalization and the activation that follow it, as one step.
#include "core/backbone/convolution.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mkldnn_convolution.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/backbone/precision.h"
#include "core/error.h"

namespace patchcore {
namespace {

/// The zeros on the two sides of an axis.
struct Zeros {
  std::int64_t before;
  std::int64_t after;
};

Zeros zeros_around(std::int64_t length, const ConvolutionDescription& description) {
  if (description.padding == Padding::centred) {
    const int half = (description.kernel - 1) / 2;
    return {half, half};
  }
  const std::int64_t steps = (length + description.stride - 1) / description.stride;
  const std::int64_t zeros =
      std::max<std::int64_t>((steps - 1) * description.stride + description.kernel - length, 0);
  return {zeros / 2, zeros - zeros / 2};
}

/// The sums alone. The bias stays out of them: sums that start at a large bias lose digits, which
/// took the pretrained EfficientNet-Lite0 beyond 1e-4, and the pass that adds it is needed anyway.
/// oneDNN is asked for by name where there is one, since LibTorch would leave small and
/// single-threaded 1x1 convolutions to a slower way of its own.
at::Tensor convolve(const at::Tensor& input, const at::Tensor& weight,
                    const std::array<std::int64_t, 2>& padding,
                    const std::array<std::int64_t, 2>& stride, std::int64_t groups) {
  constexpr std::array<std::int64_t, 2> dilation = {1, 1};
  static const bool has_bf16 = precision_support().bf16_convolutions;
  if (input.scalar_type() == at::kBFloat16 ? has_bf16 : at::hasMKLDNN())
    return at::mkldnn_convolution(input, weight, {}, padding, stride, dilation, groups);
  return at::conv2d(input, weight, {}, stride, padding, dilation, groups);
}

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

/// What follows the sums of the convolution, in one pass over them: bias, shortcut, activation.
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

}  // namespace

std::vector<ParameterShape> parameters_of(const ConvolutionDescription& description) {
  const std::int64_t channels = description.output_channels;
  std::vector<ParameterShape> parameters = {
      {description.name + ".weight",
       {channels, description.input_channels / description.groups, description.kernel,
        description.kernel}}};
  for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"})
    parameters.push_back({description.normalization + name, {channels}});
  return parameters;
}

Convolution::Convolution(const ConvolutionDescription& description, const TensorTable& weights,
                         const std::string& origin, Precision precision)
    : description_(description) {
  const auto values_of = [&](const std::string& name) {
    return require_tensor(weights, name, origin).to_floats();
  };
  const std::string& normalization = description.normalization;
  const std::vector<float> scale = values_of(normalization + ".weight");
  const std::vector<float> shift = values_of(normalization + ".bias");
  const std::vector<float> mean = values_of(normalization + ".running_mean");
  const std::vector<float> variance = values_of(normalization + ".running_var");
  const std::vector<float> kernels = values_of(description.name + ".weight");

  const std::int64_t channels = description.output_channels;
  at::Tensor folded = at::empty({channels, description.input_channels / description.groups,
                                 description.kernel, description.kernel});
  bias_.resize(channels);
  auto* folded_values = folded.data_ptr<float>();
  const std::size_t kernel_values = kernels.size() / channels;
  bool finite = true;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const double factor =
        scale[channel] / std::sqrt(double{variance[channel]} + description.epsilon);
    bias_[channel] = static_cast<float>(shift[channel] - mean[channel] * factor);
    finite = finite && std::isfinite(bias_[channel]);
    const std::size_t begin = channel * kernel_values;
    for (std::size_t i = begin; i < begin + kernel_values; ++i) {
      folded_values[i] = static_cast<float>(kernels[i] * factor);
      finite = finite && std::isfinite(folded_values[i]);
    }
  }
  if (!finite)
    throw Error(ErrorCode::corrupt, "\"" + origin + "\": \"" + description.name +
                                        ".weight\" or \"" + normalization +
                                        "\" holds values that are not finite numbers or a " +
                                        "negative variance: the file is damaged, get it again");
  weight_ = folded.to(precision == Precision::bf16 ? at::kBFloat16 : at::kFloat)
                .contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Convolution::operator()(const at::Tensor& input, const at::Tensor& shortcut) const {
  const Zeros rows = zeros_around(input.size(2), description_);
  const Zeros columns = zeros_around(input.size(3), description_);
  at::Tensor padded = input;
  std::array<std::int64_t, 2> padding = {rows.before, columns.before};
  if (rows.before != rows.after || columns.before != columns.after) {
    padded =
        at::constant_pad_nd(input, {columns.before, columns.after, rows.before, rows.after}, 0);
    padding = {0, 0};
  }
  const at::Tensor output =
      convolve(padded, weight_, padding, {description_.stride, description_.stride},
               description_.groups)
          .contiguous(at::MemoryFormat::ChannelsLast);

  if (output.scalar_type() == at::kBFloat16) {
    finish_output<at::BFloat16>(output, shortcut);
  } else {
    finish_output<float>(output, shortcut);
  }
  return output;
}

template <typename Value>
void Convolution::finish_output(const at::Tensor& output, const at::Tensor& shortcut) const {
  auto* values = output.data_ptr<Value>();
  const Value* added = shortcut.defined() ? shortcut.data_ptr<Value>() : nullptr;
  const std::int64_t channels = output.size(1);
  const std::int64_t positions = output.numel() / channels;
  switch (description_.activation) {
    case Activation::none:
      finish<Activation::none>(values, added, bias_.data(), positions, channels);
      break;
    case Activation::relu:
      finish<Activation::relu>(values, added, bias_.data(), positions, channels);
      break;
    case Activation::relu6:
      finish<Activation::relu6>(values, added, bias_.data(), positions, channels);
      break;
  }
}

}  // namespace patchcore
