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

FoldedConvolution fold_convolution(const ConvolutionDescription& description,
                                   const TensorTable& weights, const std::string& origin) {
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
  const at::Tensor weight = at::empty({channels, description.input_channels / description.groups,
                                       description.kernel, description.kernel});
  const at::Tensor bias = at::empty({channels});
  auto* weight_values = weight.data_ptr<float>();
  auto* bias_values = bias.data_ptr<float>();
  const std::size_t kernel_values = kernels.size() / channels;
  bool finite = true;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const double factor =
        scale[channel] / std::sqrt(double{variance[channel]} + description.epsilon);
    bias_values[channel] = static_cast<float>(shift[channel] - mean[channel] * factor);
    finite = finite && std::isfinite(bias_values[channel]);
    const std::size_t begin = channel * kernel_values;
    for (std::size_t i = begin; i < begin + kernel_values; ++i) {
      weight_values[i] = static_cast<float>(kernels[i] * factor);
      finite = finite && std::isfinite(weight_values[i]);
    }
  }
  if (!finite)
    throw Error(ErrorCode::corrupt, "\"" + origin + "\": \"" + description.name +
                                        ".weight\" or \"" + normalization +
                                        "\" holds values that are not finite numbers or a " +
                                        "negative variance: the file is damaged, get it again");
  return {weight.contiguous(at::MemoryFormat::ChannelsLast), bias};
}

}  // namespace patchcore
