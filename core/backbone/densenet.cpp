// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// DenseNet (Huang et al. 2017).
#include "core/backbone/densenet.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/backbone/imagenet_network.h"

namespace patchcore {
namespace {

struct Variant {
  const char* name;
  int growth;                 ///< channels that each dense layer adds
  std::array<int, 4> layers;  ///< of each dense block
  int stem_channels;
};

constexpr Variant variants[] = {
    {"densenet121", 32, {6, 12, 24, 16}, 64},
    {"densenet161", 48, {6, 12, 36, 24}, 96},
    {"densenet169", 32, {6, 12, 32, 32}, 64},
    {"densenet201", 32, {6, 12, 48, 32}, 64},
};

/// The convolutions inside a dense layer first narrow to so many times what it adds.
constexpr int bottleneck = 4;

at::Tensor convolve(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return convolutions[0](input);
}

at::Tensor max_pool(const std::vector<Convolution>&, const at::Tensor& input) {
  return at::max_pool2d(input, {3, 3}, {2, 2}, {1, 1});
}

/// The input and, behind its channels, what the layer makes of them.
at::Tensor dense_layer(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return at::cat({input, convolutions[2](convolutions[1](convolutions[0](input)))}, 1);
}

at::Tensor transition(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return at::avg_pool2d(convolutions[1](convolutions[0](input)), {2, 2}, {2, 2});
}

/// The normalization and activation that come before a convolution, and so cannot be folded.
ConvolutionDescription describe_normalization(const std::string& name, int channels,
                                              Activation activation) {
  ConvolutionDescription description;
  description.normalization = name;
  description.input_channels = channels;
  description.output_channels = channels;
  description.groups = channels;
  description.activation = activation;
  return description;
}

ConvolutionDescription describe_convolution(const std::string& name, int input_channels,
                                            int output_channels, int kernel) {
  ConvolutionDescription description;
  description.name = name;
  description.input_channels = input_channels;
  description.output_channels = output_channels;
  description.kernel = kernel;
  return description;
}

std::vector<ConvolutionDescription> describe_dense_layer(const std::string& name, int channels,
                                                         int growth) {
  const int width = bottleneck * growth;
  ConvolutionDescription narrowing = describe_convolution(name + ".conv1", channels, width, 1);
  narrowing.normalization = name + ".norm2";
  narrowing.activation = Activation::relu;
  return {describe_normalization(name + ".norm1", channels, Activation::relu), narrowing,
          describe_convolution(name + ".conv2", width, growth, 3)};
}

}  // namespace

std::vector<std::string> densenet_names() {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.emplace_back(variant.name);
  return names;
}

BackboneDescription describe_densenet(const std::string& name) {
  return describe_imagenet_network(name, {"features.denseblock2", "features.denseblock3"},
                                   "torchvision's or timm's");
}

std::vector<NetworkStep> densenet_steps(const std::string& name) {
  const Variant& variant = *std::find_if(std::begin(variants), std::end(variants),
                                         [&](const Variant& known) { return known.name == name; });
  int channels = variant.stem_channels;
  ConvolutionDescription stem = describe_convolution("features.conv0", 3, channels, 7);
  stem.normalization = "features.norm0";
  stem.stride = 2;
  stem.activation = Activation::relu;
  std::vector<NetworkStep> steps = {{{"features.relu0"}, 2, {stem}, convolve},
                                    {{"features.pool0"}, 4, {}, max_pool}};
  int stride = 4;
  for (std::size_t block = 0; block < variant.layers.size(); ++block) {
    const std::string number = std::to_string(block + 1);
    const std::string block_name = "features.denseblock" + number;
    for (int layer = 1; layer <= variant.layers[block]; ++layer) {
      steps.push_back({{},
                       stride,
                       describe_dense_layer(block_name + ".denselayer" + std::to_string(layer),
                                            channels, variant.growth),
                       dense_layer});
      channels += variant.growth;
    }
    steps.back().layers = {block_name};
    if (block + 1 == variant.layers.size()) break;
    const std::string transition_name = "features.transition" + number;
    stride *= 2;
    steps.push_back({{transition_name},
                     stride,
                     {describe_normalization(transition_name + ".norm", channels, Activation::relu),
                      describe_convolution(transition_name + ".conv", channels, channels / 2, 1)},
                     transition});
    channels /= 2;
  }
  steps.push_back({{"features.norm5"},
                   stride,
                   {describe_normalization("features.norm5", channels, Activation::none)},
                   convolve});
  return steps;
}

std::string densenet_parameter(const std::string& stored) {
  if (stored.find(".denselayer") == std::string::npos) return stored;
  std::string name = stored;
  for (const char* kind : {".norm.", ".conv."}) {
    const std::size_t at = name.find(kind);
    if (at != std::string::npos) name.erase(at + std::string(kind).size() - 1, 1);
  }
  return name;
}

}  // namespace patchcore
