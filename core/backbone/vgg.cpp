// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// VGG (Simonyan and Zisserman 2015), with and without batch normalization.
#include "core/backbone/vgg.h"

#include <ATen/ops/max_pool2d.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/backbone/imagenet_network.h"

namespace patchcore {
namespace {

struct Variant {
  const char* name;
  std::array<int, 5> convolutions;  ///< before each pooling
  bool normalized;
};

constexpr Variant variants[] = {
    {"vgg11", {1, 1, 2, 2, 2}, false},   {"vgg13", {2, 2, 2, 2, 2}, false},
    {"vgg16", {2, 2, 3, 3, 3}, false},   {"vgg19", {2, 2, 4, 4, 4}, false},
    {"vgg11_bn", {1, 1, 2, 2, 2}, true}, {"vgg13_bn", {2, 2, 2, 2, 2}, true},
    {"vgg16_bn", {2, 2, 3, 3, 3}, true}, {"vgg19_bn", {2, 2, 4, 4, 4}, true},
};

constexpr std::array<int, 5> channels = {64, 128, 256, 512, 512};

at::Tensor convolve(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return convolutions[0](input);
}

at::Tensor pool(const std::vector<Convolution>&, const at::Tensor& input) {
  return at::max_pool2d(input, {2, 2}, {2, 2});
}

}  // namespace

std::vector<std::string> vgg_names() {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.emplace_back(variant.name);
  return names;
}

BackboneDescription describe_vgg(const std::string& name) {
  // What the last poolings take: the last activations of strides 8 and 16.
  std::vector<std::string> layers;
  const std::vector<NetworkStep> steps = vgg_steps(name);
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const bool before_pooling = steps[i + 1].convolutions.empty();
    if (before_pooling && steps[i].stride >= 8) layers.push_back(steps[i].layers[0]);
  }
  return describe_imagenet_network(name, layers, "torchvision's or timm's");
}

std::vector<NetworkStep> vgg_steps(const std::string& name) {
  const Variant& variant = *std::find_if(std::begin(variants), std::end(variants),
                                         [&](const Variant& known) { return known.name == name; });
  std::vector<NetworkStep> steps;
  int index = 0;
  const auto next_module = [&index] { return "features." + std::to_string(index++); };
  int input_channels = 3;
  int stride = 1;
  for (std::size_t group = 0; group < channels.size(); ++group) {
    for (int i = 0; i < variant.convolutions[group]; ++i) {
      ConvolutionDescription convolution;
      convolution.name = next_module();
      convolution.has_bias = true;
      if (variant.normalized) convolution.normalization = next_module();
      convolution.input_channels = input_channels;
      convolution.output_channels = channels[group];
      convolution.kernel = 3;
      convolution.activation = Activation::relu;
      steps.push_back({{next_module()}, stride, {convolution}, convolve});
      input_channels = channels[group];
    }
    stride *= 2;
    steps.push_back({{next_module()}, stride, {}, pool});
  }
  return steps;
}

}  // namespace patchcore
