// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Between the engine's plain types and LibTorch's tensors.
#include "core/backbone/network_tensors.h"

#include <ATen/ops/from_blob.h>

#include <cstddef>

#include "core/error.h"

namespace patchcore {

void check_input(const InputTensor& input, int max_stride) {
  if (input.batch < 1 || input.height < max_stride || input.width < max_stride)
    throw Error(ErrorCode::unsupported_frame,
                "the network's input is " + size_text({input.width, input.height}) +
                    " pixels, the layers asked for need at least " +
                    size_text({max_stride, max_stride}) + ": choose a larger input size");
  const std::size_t expected =
      std::size_t{3} * input.batch * static_cast<std::size_t>(input.height) * input.width;
  if (input.values.size() != expected)
    throw Error(ErrorCode::invalid_argument,
                "the network's input has " + std::to_string(input.values.size()) +
                    " values, its size says " + std::to_string(expected));
}

at::Tensor view_input(const InputTensor& input, int first, int count) {
  // LibTorch has no tensor over constant memory.
  auto* values = const_cast<float*>(input.values.data());
  const std::ptrdiff_t picture = std::ptrdiff_t{3} * input.height * input.width;
  return at::from_blob(values + first * picture, {count, 3, input.height, input.width},
                       at::TensorOptions(at::kFloat));
}

FeatureMap share_feature_map(const std::string& layer, const at::Tensor& tensor) {
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

}  // namespace patchcore
