// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of a convolution with the batch normalization that follows folded into them.
#include "core/backbone/folded_convolution.h"

#include <ATen/ops/empty.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "core/error.h"

namespace patchcore {
namespace {

std::vector<std::int64_t> kernel_shape(const ConvolutionDescription& description) {
  return {description.output_channels, description.input_channels / description.groups,
          description.kernel, description.kernel};
}

/// Whose parameters they are, for messages.
std::string owners_text(const ConvolutionDescription& description) {
  std::string text;
  for (const std::string& owner : {description.name, description.normalization}) {
    if (!owner.empty()) text += (text.empty() ? "\"" : " or \"") + owner + "\"";
  }
  return text;
}

}  // namespace

std::vector<ParameterShape> parameters_of(const ConvolutionDescription& description) {
  const std::int64_t channels = description.output_channels;
  std::vector<ParameterShape> parameters;
  if (!description.name.empty())
    parameters.push_back({description.name + ".weight", kernel_shape(description)});
  if (description.has_bias) parameters.push_back({description.name + ".bias", {channels}});
  if (description.normalization.empty()) return parameters;
  for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"})
    parameters.push_back({description.normalization + name, {channels}});
  return parameters;
}

FoldedConvolution fold_convolution(const ConvolutionDescription& description,
                                   const TensorTable& weights, const std::string& origin) {
  const auto channels = static_cast<std::size_t>(description.output_channels);
  const std::string& normalization = description.normalization;
  // What is not there leaves the values as they are.
  const auto values_of = [&](const std::string& owner, const char* name, bool is_there,
                             float otherwise) {
    return is_there ? require_tensor(weights, owner + name, origin).to_floats()
                    : std::vector<float>(channels, otherwise);
  };
  const bool normalized = !normalization.empty();
  const std::vector<float> scale = values_of(normalization, ".weight", normalized, 1);
  const std::vector<float> shift = values_of(normalization, ".bias", normalized, 0);
  const std::vector<float> mean = values_of(normalization, ".running_mean", normalized, 0);
  const std::vector<float> variance = values_of(normalization, ".running_var", normalized, 1);
  const std::vector<float> own_bias = values_of(description.name, ".bias", description.has_bias, 0);
  const std::vector<float> kernels =
      values_of(description.name, ".weight", !description.name.empty(), 1);

  const at::Tensor weight = at::empty(kernel_shape(description));
  const at::Tensor bias = at::empty({description.output_channels});
  auto* weight_values = weight.data_ptr<float>();
  auto* bias_values = bias.data_ptr<float>();
  const std::size_t kernel_values = kernels.size() / channels;
  bool finite = true;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double factor =
        normalized ? scale[channel] / std::sqrt(double{variance[channel]} + description.epsilon)
                   : 1;
    bias_values[channel] =
        static_cast<float>(shift[channel] + (double{own_bias[channel]} - mean[channel]) * factor);
    finite = finite && std::isfinite(bias_values[channel]);
    const std::size_t begin = channel * kernel_values;
    for (std::size_t i = begin; i < begin + kernel_values; ++i) {
      weight_values[i] = static_cast<float>(kernels[i] * factor);
      finite = finite && std::isfinite(weight_values[i]);
    }
  }
  if (!finite)
    throw Error(ErrorCode::corrupt, "\"" + origin + "\": " + owners_text(description) +
                                        " holds values that are not finite numbers or a " +
                                        "negative variance: the file is damaged, get it again");
  return {weight.contiguous(at::MemoryFormat::ChannelsLast), bias};
}

}  // namespace patchcore
