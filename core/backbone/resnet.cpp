// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The ResNet family (He et al. 2016; Zagoruyko and Komodakis 2016; Xie et al. 2017).
#include "core/backbone/resnet.h"

#include <ATen/ops/max_pool2d.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/backbone/imagenet_network.h"

namespace patchcore {
namespace {

struct Variant {
  const char* name;
  bool bottleneck;
  std::array<int, 4> blocks;  ///< of layer1 to layer4
  int groups;
  int width_per_group;  ///< of the 3x3 convolutions in layer1, times two in each layer after it
};

constexpr Variant variants[] = {
    {"resnet18", false, {2, 2, 2, 2}, 1, 64},
    {"resnet34", false, {3, 4, 6, 3}, 1, 64},
    {"resnet50", true, {3, 4, 6, 3}, 1, 64},
    {"resnet101", true, {3, 4, 23, 3}, 1, 64},
    {"resnet152", true, {3, 8, 36, 3}, 1, 64},
    {"resnet200", true, {3, 24, 36, 3}, 1, 64},
    {"wide_resnet50_2", true, {3, 4, 6, 3}, 1, 128},
    {"wide_resnet101_2", true, {3, 4, 23, 3}, 1, 128},
    {"resnext50_32x4d", true, {3, 4, 6, 3}, 32, 4},
    {"resnext101_32x8d", true, {3, 4, 23, 3}, 32, 8},
};

at::Tensor stem(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return convolutions[0](input);
}

at::Tensor pool(const std::vector<Convolution>&, const at::Tensor& input) {
  return at::max_pool2d(input, {3, 3}, {2, 2}, {1, 1});
}

/// @tparam length  convolutions on the way; one more after them is the shortcut's projection
template <std::size_t length>
at::Tensor residual_block(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  at::Tensor inner = input;
  for (std::size_t i = 0; i + 1 < length; ++i) inner = convolutions[i](inner);
  const bool projected = convolutions.size() > length;
  return convolutions[length - 1](inner, projected ? convolutions[length](input) : input);
}

/// The block as layerN.M.
/// @param planes  output channels of the layer before the bottleneck's expansion
NetworkStep make_block(const Variant& variant, const std::string& name, int input_channels,
                       int planes, int stride) {
  const int output_channels = variant.bottleneck ? 4 * planes : planes;
  const int width =
      variant.bottleneck ? planes * variant.width_per_group / 64 * variant.groups : planes;
  NetworkStep step;
  const auto add = [&](const std::string& convolution, const std::string& normalization, int input,
                       int output, int kernel, Activation activation) {
    ConvolutionDescription description;
    description.name = name + "." + convolution;
    description.normalization = name + "." + normalization;
    description.input_channels = input;
    description.output_channels = output;
    description.kernel = kernel;
    description.activation = activation;
    step.convolutions.push_back(description);
  };
  if (variant.bottleneck) {
    add("conv1", "bn1", input_channels, width, 1, Activation::relu);
    add("conv2", "bn2", width, width, 3, Activation::relu);
    step.convolutions.back().stride = stride;
    step.convolutions.back().groups = variant.groups;
    add("conv3", "bn3", width, output_channels, 1, Activation::relu);
    step.forward = residual_block<3>;
  } else {
    add("conv1", "bn1", input_channels, planes, 3, Activation::relu);
    step.convolutions.back().stride = stride;
    add("conv2", "bn2", planes, planes, 3, Activation::relu);
    step.forward = residual_block<2>;
  }
  if (stride != 1 || input_channels != output_channels) {
    add("downsample.0", "downsample.1", input_channels, output_channels, 1, Activation::none);
    step.convolutions.back().stride = stride;
  }
  return step;
}

}  // namespace

std::vector<std::string> resnet_names() {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.emplace_back(variant.name);
  return names;
}

BackboneDescription describe_resnet(const std::string& name) {
  return describe_imagenet_network(name, {"layer2", "layer3"}, "torchvision's or timm's");
}

std::vector<NetworkStep> resnet_steps(const std::string& name) {
  const Variant& variant = *std::find_if(std::begin(variants), std::end(variants),
                                         [&](const Variant& known) { return known.name == name; });
  std::vector<NetworkStep> steps(2);
  ConvolutionDescription first;
  first.name = "conv1";
  first.normalization = "bn1";
  first.input_channels = 3;
  first.output_channels = 64;
  first.kernel = 7;
  first.stride = 2;
  first.activation = Activation::relu;
  steps[0] = {{"relu"}, 2, {first}, stem};
  steps[1] = {{"maxpool"}, 4, {}, pool};

  int channels = first.output_channels;
  for (int layer = 1; layer <= 4; ++layer) {
    const int planes = 64 << (layer - 1);
    const int blocks = variant.blocks[layer - 1];
    const std::string layer_name = "layer" + std::to_string(layer);
    for (int block = 0; block < blocks; ++block) {
      const std::string block_name = layer_name + "." + std::to_string(block);
      const int stride = layer > 1 && block == 0 ? 2 : 1;
      NetworkStep step = make_block(variant, block_name, channels, planes, stride);
      step.layers = {block_name};
      if (block == blocks - 1) step.layers.push_back(layer_name);
      step.stride = 4 << (layer - 1);
      steps.push_back(step);
      channels = variant.bottleneck ? 4 * planes : planes;
    }
  }
  return steps;
}

}  // namespace patchcore
