// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// EfficientNet b0 to b7 (Tan and Le 2019).
#include "core/backbone/efficientnet.h"

#include <ATen/ops/adaptive_avg_pool2d.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

#include "core/backbone/efficientnet_stages.h"
#include "core/backbone/imagenet_network.h"

namespace patchcore {
namespace {

struct Scale {
  double width;  ///< factor of the channels
  double depth;  ///< factor of the blocks of a stage
};

/// Of b0 to b7.
constexpr Scale scales[] = {{1.0, 1.0}, {1.0, 1.1}, {1.1, 1.2}, {1.2, 1.4},
                            {1.4, 1.8}, {1.6, 2.2}, {1.8, 2.6}, {2.0, 3.1}};

constexpr std::string_view tensorflow_prefix = "tf_";
constexpr std::string_view stem = "efficientnet_b";

/// The head widens the last stage.
constexpr int head_expansion = 4;
/// The gate of a block narrows to its input's channels through so many.
constexpr int squeeze = 4;

struct Variant {
  Scale scale;
  Padding padding;
  double epsilon;
  std::string layer_stem;  ///< of the stages' names
  int first_stage;         ///< the number of the first one among them
};

Variant variant_of(const std::string& name) {
  const int number = name.back() - '0';
  if (name.compare(0, tensorflow_prefix.size(), tensorflow_prefix) == 0)
    return {scales[number], Padding::tensorflow_same, 1e-3, "blocks.", 0};
  // torchvision took the weights of b5 and up from TensorFlow, with the epsilon alone.
  return {scales[number], Padding::centred, number >= 5 ? 1e-3 : 1e-5, "features.", 1};
}

at::Tensor convolve(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  return convolutions[0](input);
}

/// An inverted residual block: widening (not where the expansion is 1), depthwise, the gate's two
/// convolutions, narrowing.
template <bool with_shortcut>
at::Tensor gated_block(const std::vector<Convolution>& convolutions, const at::Tensor& input) {
  const std::size_t gate = convolutions.size() - 3;
  at::Tensor inner = input;
  for (std::size_t i = 0; i < gate; ++i) inner = convolutions[i](inner);
  const at::Tensor means = at::adaptive_avg_pool2d(inner, {1, 1});
  inner.mul_(convolutions[gate + 1](convolutions[gate](means)));
  return convolutions.back()(inner, with_shortcut ? input : at::Tensor());
}

/// The descriptions of one block, named as torchvision does: block.0, block.1 and so on.
class BlockBuilder {
 public:
  BlockBuilder(const Variant& variant, const std::string& name) : variant_(variant), name_(name) {}

  ConvolutionDescription& convolution(int input, int output, Activation activation) {
    ConvolutionDescription& added = add(input, output, activation);
    added.name = module() + ".0";
    added.normalization = module() + ".1";
    ++modules_;
    return added;
  }

  void gate(int channels, int squeezed) {
    for (const bool first : {true, false}) {
      ConvolutionDescription& added = add(first ? channels : squeezed, first ? squeezed : channels,
                                          first ? Activation::silu : Activation::sigmoid);
      added.name = module() + (first ? ".fc1" : ".fc2");
      added.has_bias = true;
    }
    ++modules_;
  }

  std::vector<ConvolutionDescription> convolutions;

 private:
  std::string module() const { return name_ + ".block." + std::to_string(modules_); }

  ConvolutionDescription& add(int input, int output, Activation activation) {
    ConvolutionDescription description;
    description.input_channels = input;
    description.output_channels = output;
    description.padding = variant_.padding;
    description.epsilon = variant_.epsilon;
    description.activation = activation;
    convolutions.push_back(description);
    return convolutions.back();
  }

  const Variant& variant_;
  std::string name_;
  int modules_ = 0;
};

NetworkStep make_block(const Variant& variant, const std::string& name,
                       const EfficientnetStage& stage, int input_channels, int output_channels,
                       int stride) {
  const int width = input_channels * stage.expansion;
  BlockBuilder block(variant, name);
  if (stage.expansion != 1) block.convolution(input_channels, width, Activation::silu);
  ConvolutionDescription& depthwise = block.convolution(width, width, Activation::silu);
  depthwise.kernel = stage.kernel;
  depthwise.stride = stride;
  depthwise.groups = width;
  block.gate(width, input_channels / squeeze);
  block.convolution(width, output_channels, Activation::none);
  NetworkStep step;
  step.convolutions = block.convolutions;
  step.forward =
      stride == 1 && input_channels == output_channels ? gated_block<true> : gated_block<false>;
  return step;
}

/// The stem or the head.
NetworkStep make_end(const Variant& variant, const std::string& name, int input_channels,
                     int output_channels) {
  ConvolutionDescription description;
  description.name = name + ".0";
  description.normalization = name + ".1";
  description.input_channels = input_channels;
  description.output_channels = output_channels;
  description.padding = variant.padding;
  description.epsilon = variant.epsilon;
  description.activation = Activation::silu;
  NetworkStep step;
  step.convolutions = {description};
  step.forward = convolve;
  return step;
}

/// Replaces @p before at the beginning of @p name. @return whether it was there
bool replace_beginning(std::string& name, const std::string& before, const std::string& after) {
  if (name.compare(0, before.size(), before) != 0) return false;
  name.replace(0, before.size(), after);
  return true;
}

}  // namespace

std::vector<std::string> efficientnet_names() {
  std::vector<std::string> names;
  for (const std::string_view prefix : {std::string_view(), tensorflow_prefix}) {
    for (std::size_t number = 0; number < std::size(scales); ++number)
      names.push_back(std::string(prefix).append(stem) + std::to_string(number));
  }
  return names;
}

BackboneDescription describe_efficientnet(const std::string& name) {
  const Variant variant = variant_of(name);
  // The last stages of strides 8 and 16.
  const std::vector<std::string> layers = {
      variant.layer_stem + std::to_string(variant.first_stage + 2),
      variant.layer_stem + std::to_string(variant.first_stage + 4)};
  const bool of_timm = variant.padding == Padding::tensorflow_same;
  return describe_imagenet_network(name, layers, of_timm ? "timm's" : "torchvision's or timm's");
}

std::vector<NetworkStep> efficientnet_steps(const std::string& name) {
  const Variant variant = variant_of(name);
  const bool of_torchvision = variant.padding == Padding::centred;
  int channels = scaled_channels(efficientnet_stem_channels, variant.scale.width);
  std::vector<NetworkStep> steps = {make_end(variant, "features.0", 3, channels)};
  steps[0].layers = {of_torchvision ? "features.0" : "bn1"};
  steps[0].stride = 2;
  steps[0].convolutions[0].kernel = 3;
  steps[0].convolutions[0].stride = 2;
  int total_stride = 2;
  for (std::size_t index = 0; index < efficientnet_stages.size(); ++index) {
    const EfficientnetStage& stage = efficientnet_stages[index];
    const int output_channels = scaled_channels(stage.channels, variant.scale.width);
    const int blocks = scaled_blocks(stage.blocks, variant.scale.depth);
    const std::string layer =
        variant.layer_stem + std::to_string(variant.first_stage + static_cast<int>(index));
    total_stride *= stage.stride;
    for (int block = 0; block < blocks; ++block) {
      const std::string number = "." + std::to_string(block);
      NetworkStep step =
          make_block(variant, "features." + std::to_string(index + 1) + number, stage, channels,
                     output_channels, block == 0 ? stage.stride : 1);
      step.layers = {layer + number};
      if (block == blocks - 1) step.layers.push_back(layer);
      step.stride = total_stride;
      steps.push_back(step);
      channels = output_channels;
    }
  }
  steps.push_back(make_end(variant, "features.8", channels, head_expansion * channels));
  steps.back().layers = {of_torchvision ? "features.8" : "bn2"};
  steps.back().stride = total_stride;
  return steps;
}

std::string efficientnet_parameter(const std::string& stored) {
  std::string name = stored;
  for (const auto& [before, after] : {std::pair{"conv_stem.", "features.0.0."},
                                      {"bn1.", "features.0.1."},
                                      {"conv_head.", "features.8.0."},
                                      {"bn2.", "features.8.1."}}) {
    if (replace_beginning(name, before, after)) return name;
  }
  // blocks.STAGE.BLOCK.MODULE.PARAMETER
  if (!replace_beginning(name, "blocks.", "")) return stored;
  const std::size_t stage_end = name.find('.');
  const std::size_t block_end =
      stage_end == std::string::npos ? stage_end : name.find('.', stage_end + 1);
  if (block_end == std::string::npos) return stored;
  std::size_t stage = 0;
  const auto read = std::from_chars(name.data(), name.data() + stage_end, stage);
  if (read.ptr != name.data() + stage_end || stage >= efficientnet_stages.size()) return stored;
  std::string module = name.substr(block_end + 1);
  // The first stage does not widen, and has one module less.
  const int widening = stage > 0 ? 1 : 0;
  const std::string depthwise = std::to_string(widening);
  const std::string gate = std::to_string(widening + 1);
  const std::string narrowing = std::to_string(widening + 2);
  const std::string narrowing_norm = widening == 1 ? "bn3." : "bn2.";
  const std::pair<std::string, std::string> modules[] = {
      {widening == 1 ? "conv_pwl." : "conv_pw.", narrowing + ".0."},
      {narrowing_norm, narrowing + ".1."},
      {"conv_pw.", "0.0."},
      {"conv_dw.", depthwise + ".0."},
      {widening == 1 ? "bn2." : "bn1.", depthwise + ".1."},
      {"bn1.", "0.1."},
      {"se.conv_reduce.", gate + ".fc1."},
      {"se.conv_expand.", gate + ".fc2."},
  };
  for (const auto& [before, after] : modules) {
    if (replace_beginning(module, before, after))
      return "features." + std::to_string(stage + 1) +
             name.substr(stage_end, block_end - stage_end) + ".block." + module;
  }
  return stored;
}

}  // namespace patchcore
