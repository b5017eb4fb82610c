// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A network as a row of steps: what every family describes itself as, and what runs it.
#include "core/backbone/network.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/torch_device.h"

namespace patchcore {
namespace {

/// The tensor's own memory, if it is float32 and the processor's, as a feature map: no copy, alive
/// for as long as the map is.
FeatureMap share(const std::string& layer, const at::Tensor& tensor) {
  const at::Tensor packed =
      tensor.to(at::kFloat).to(at::kCPU).contiguous(at::MemoryFormat::ChannelsLast);
  FeatureMap map;
  map.layer = layer;
  map.batch = static_cast<int>(packed.size(0));
  map.channels = static_cast<int>(packed.size(1));
  map.height = static_cast<int>(packed.size(2));
  map.width = static_cast<int>(packed.size(3));
  map.values = std::shared_ptr<const float>(packed.data_ptr<float>(),
                                            [packed](const float* /*owned by the tensor*/) {});
  return map;
}

void check_input(const InputTensor& input, int max_stride) {
  if (input.batch < 1 || input.height < max_stride || input.width < max_stride)
    throw Error(ErrorCode::unsupported_frame,
                "the network's input is " + std::to_string(input.width) + "x" +
                    std::to_string(input.height) + " pixels, the layers asked for need at least " +
                    std::to_string(max_stride) + "x" + std::to_string(max_stride) +
                    ": choose a larger input size");
  const std::size_t expected =
      std::size_t{3} * input.batch * static_cast<std::size_t>(input.height) * input.width;
  if (input.values.size() != expected)
    throw Error(ErrorCode::invalid_argument,
                "the network's input has " + std::to_string(input.values.size()) +
                    " values, its size says " + std::to_string(expected));
}

}  // namespace

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
    // LibTorch has no tensor over constant memory; none of the steps writes to its input.
    at::Tensor tensor =
        at::from_blob(const_cast<float*>(input.values.data()),
                      {input.batch, 3, input.height, input.width}, at::TensorOptions(at::kFloat))
            .to(torch_device(device_), scalar_type(precision_))
            .contiguous(at::MemoryFormat::ChannelsLast);
    for (const Step& step : steps_) {
      tensor = step.forward(step.convolutions, tensor);
      for (const std::size_t index : step.wanted) maps[index] = share(layers_[index], tensor);
    }
    return maps;
  } catch (const std::exception&) {
    throw_torch_error("run the network on " + std::to_string(input.batch) + " pictures of " +
                          std::to_string(input.width) + "x" + std::to_string(input.height) +
                          " pixels",
                      device_);
  }
}

}  // namespace patchcore
