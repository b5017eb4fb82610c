// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A network as a row of steps: what every family describes itself as, and what runs it.
#include "core/backbone/network.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

#include "core/backbone/network_tensors.h"
#include "core/torch_device.h"

namespace patchcore {
std::size_t steps_needed(const std::vector<NetworkStep>& steps,
                         const std::vector<std::string>& layers) {
  std::size_t needed = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& names = steps[i].layers;
    if (std::find_first_of(names.begin(), names.end(), layers.begin(), layers.end()) != names.end())
      needed = i + 1;
  }
  return needed;
}

Network::Network(const std::vector<NetworkStep>& steps, std::vector<std::string> layers,
                 const TensorTable& weights, const std::string& origin, Precision precision,
                 ConvolutionMethod method, const Device& device)
    : layers_(std::move(layers)), precision_(precision), device_(device) {
  if (device.kind != DeviceKind::cpu) forbid_tf32();
  const c10::InferenceMode inference;
  const std::size_t needed = steps_needed(steps, layers_);
  for (std::size_t i = 0; i < needed; ++i) {
    const NetworkStep& description = steps[i];
    Step step;
    step.forward = description.forward;
    for (const ConvolutionDescription& convolution : description.convolutions)
      step.convolutions.emplace_back(convolution, weights, origin, precision, method, device);
    for (const std::string& name : description.layers) {
      const auto asked = std::find(layers_.begin(), layers_.end(), name);
      if (asked == layers_.end()) continue;
      step.wanted.push_back(asked - layers_.begin());
      if (asked == layers_.begin()) first_stride_ = description.stride;
      max_stride_ = std::max(max_stride_, description.stride);
    }
    steps_.push_back(std::move(step));
  }
}

FeatureMaps Network::extract(const InputTensor& input) const {
  check_input(input, max_stride_);
  try {
    const c10::InferenceMode inference;
    FeatureMaps maps(layers_.size());
    // None of the steps writes to its input.
    at::Tensor tensor = view_input(input, 0, input.batch)
                            .to(torch_device(device_), scalar_type(precision_))
                            .contiguous(at::MemoryFormat::ChannelsLast);
    for (const Step& step : steps_) {
      tensor = step.forward(step.convolutions, tensor);
      for (const std::size_t index : step.wanted)
        maps[index] = share_feature_map(layers_[index], tensor);
    }
    return maps;
  } catch (const std::exception&) {
    throw_torch_error("run the network on " + std::to_string(input.batch) + " pictures of " +
                          size_text({input.width, input.height}) + " pixels",
                      device_);
  }
}

}  // namespace patchcore
