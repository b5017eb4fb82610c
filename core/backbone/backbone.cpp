// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pretrained network that turns pictures into feature maps: interface and catalogue.
#include "core/backbone/backbone.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <map>

#include "core/backbone/densenet.h"
#include "core/backbone/efficientnet.h"
#include "core/backbone/efficientnet_lite.h"
#include "core/backbone/inverted_residual_network.h"
#include "core/backbone/network.h"
#include "core/backbone/published_names.h"
#include "core/backbone/resnet.h"
#include "core/backbone/vgg.h"
#include "core/error.h"
#include "core/torch_device.h"

namespace patchcore {
namespace {

struct Family {
  std::vector<std::string> (*names)();
  BackboneDescription (*describe)(const std::string& name);
  std::vector<NetworkStep> (*steps)(const std::string& name);
  /// From a name in a checkpoint to the network's own, where there are checkpoints with others.
  std::string (*parameter)(const std::string& stored);
};

constexpr Family families[] = {
    {efficientnet_lite_names, describe_efficientnet_lite, efficientnet_lite_steps, nullptr},
    {efficientnet_names, describe_efficientnet, efficientnet_steps, efficientnet_parameter},
    {resnet_names, describe_resnet, resnet_steps, nullptr},
    {densenet_names, describe_densenet, densenet_steps, densenet_parameter},
    {vgg_names, describe_vgg, vgg_steps, nullptr},
};

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

struct Found {
  const Family& family;
  std::string name;  ///< the family's own
};

Found find_network(const std::string& name) {
  const std::string native = native_name(name);
  for (const Family& family : families) {
    for (const std::string& known : family.names()) {
      if (known == native) return {family, native};
    }
  }
  const std::string command = export_command(name);
  if (!command.empty())
    throw Error(ErrorCode::not_found,
                "the backbone \"" + name +
                    "\" is not built in: make a TorchScript file of it with \"" + command +
                    "\" and set backbone=" + name + ".pt and allow-torchscript=true");
  throw Error(ErrorCode::not_found, "there is no backbone \"" + name + "\"; the known ones are " +
                                        join(backbone_names()) +
                                        ", and others as TorchScript files (docs/backbones.md)");
}

std::vector<NetworkStep> steps_of(const std::string& name) {
  const Found found = find_network(name);
  return found.family.steps(found.name);
}

std::vector<std::string> layers_of(const std::vector<NetworkStep>& steps) {
  std::vector<std::string> layers;
  for (const NetworkStep& step : steps)
    layers.insert(layers.end(), step.layers.begin(), step.layers.end());
  return layers;
}

/// Whether the names are STEM.N and STEM.N+1.
bool is_next(const std::string& name, const std::string& next) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  int number = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, problem] = std::from_chars(name.data() + dot + 1, end, number);
  return problem == std::errc() && rest == end &&
         next == name.substr(0, dot + 1) + std::to_string(number + 1);
}

/// The names in the order given, runs of numbered ones (blocks.0, blocks.1, ...) shortened.
std::string list_layers(const std::vector<std::string>& layers) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0, end = 0; begin < layers.size(); begin = end) {
    end = begin + 1;
    while (end < layers.size() && is_next(layers[end - 1], layers[end])) ++end;
    parts.push_back(end - begin > 2 ? layers[begin] + " to " + layers[end - 1] : layers[begin]);
    if (end - begin == 2) parts.push_back(layers[end - 1]);
  }
  return join(parts);
}

void check_layers(const std::string& name, const std::vector<NetworkStep>& steps,
                  const std::vector<std::string>& layers) {
  if (layers.empty())
    throw Error(ErrorCode::invalid_argument, "no layer of " + name + " is asked for");
  const std::vector<std::string> known = layers_of(steps);
  for (auto layer = layers.begin(); layer != layers.end(); ++layer) {
    if (std::find(known.begin(), known.end(), *layer) == known.end())
      throw Error(ErrorCode::not_found,
                  name + " has no layer \"" + *layer + "\"; its layers are " + list_layers(known));
    if (std::find(layers.begin(), layer, *layer) != layer)
      throw Error(ErrorCode::invalid_argument,
                  "layer \"" + *layer + "\" of " + name + " is asked for twice");
  }
}

/// The steps up to the last that is needed.
std::vector<NetworkStep> needed_steps(const std::string& name,
                                      const std::vector<std::string>& layers) {
  std::vector<NetworkStep> steps = steps_of(name);
  check_layers(name, steps, layers);
  steps.resize(steps_needed(steps, layers));
  return steps;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> lengths;
  for (const std::int64_t length : shape) lengths.push_back(std::to_string(length));
  return "[" + join(lengths) + "]";
}

bool is_floating(ElementType type) {
  return type == ElementType::f64 || type == ElementType::f32 || type == ElementType::f16 ||
         type == ElementType::bf16;
}

using NamedTensors = std::map<std::string, const StoredTensor*>;

/// By the network's names.
NamedTensors named_tensors(const std::string& name, const TensorTable& weights) {
  const Family& family = find_network(name).family;
  NamedTensors tensors;
  for (const auto& [stored, tensor] : weights)
    tensors[family.parameter != nullptr ? family.parameter(stored) : stored] = &tensor;
  return tensors;
}

const StoredTensor& checked_parameter(const std::string& name, const ParameterShape& parameter,
                                      const NamedTensors& weights, const std::string& origin) {
  const std::string needed = name + " needs \"" + parameter.name + "\" of shape " +
                             shape_text(parameter.shape) + ", \"" + origin + "\" has ";
  const auto found = weights.find(parameter.name);
  if (found == weights.end())
    throw Error(ErrorCode::corrupt, needed + "none: is the file for another network?");
  const StoredTensor& tensor = *found->second;
  if (tensor.shape != parameter.shape)
    throw Error(ErrorCode::corrupt, needed + "one of shape " + shape_text(tensor.shape) +
                                        ": is the file for another network?");
  if (!is_floating(tensor.type))
    throw Error(ErrorCode::corrupt, needed +
                                        "one of whole numbers: quantized weights cannot be "
                                        "used, get the floating-point ones");
  return tensor;
}

InputTensor black_picture(int side) {
  InputTensor picture{1, side, side, {}};
  picture.values.resize(std::size_t{3} * static_cast<std::size_t>(side) * side);
  return picture;
}

}  // namespace

std::vector<std::string> backbone_names() {
  std::vector<std::string> names;
  for (const Family& family : families) {
    for (const std::string& name : family.names()) names.push_back(name);
  }
  return names;
}

BackboneDescription describe_backbone(const std::string& name) {
  const Found found = find_network(name);
  return found.family.describe(found.name);
}

std::vector<std::string> backbone_layers(const std::string& name) {
  return layers_of(steps_of(name));
}

std::vector<ParameterShape> backbone_parameters(const std::string& name,
                                                const std::vector<std::string>& layers) {
  std::vector<ParameterShape> parameters;
  for (const NetworkStep& step : needed_steps(name, layers)) {
    for (const ConvolutionDescription& convolution : step.convolutions) {
      for (ParameterShape& parameter : parameters_of(convolution))
        parameters.push_back(std::move(parameter));
    }
  }
  return parameters;
}

TensorTable select_backbone_weights(const std::string& name, const std::vector<std::string>& layers,
                                    const TensorTable& weights, const std::string& origin) {
  TensorTable selected;
  const NamedTensors tensors = named_tensors(name, weights);
  for (const ParameterShape& parameter : backbone_parameters(name, layers))
    selected[parameter.name] = checked_parameter(name, parameter, tensors, origin);
  return selected;
}

std::unique_ptr<Backbone> make_backbone(const std::string& name,
                                        const std::vector<std::string>& layers,
                                        const TensorTable& weights, const std::string& origin,
                                        Precision precision, const Device& device) {
  NamedTensors tensors;
  for (const auto& [stored, tensor] : weights) tensors[stored] = &tensor;
  for (const ParameterShape& parameter : backbone_parameters(name, layers))
    checked_parameter(name, parameter, tensors, origin);
  const std::vector<NetworkStep> steps = needed_steps(name, layers);
  try {
    if (device.kind == DeviceKind::cpu && has_inverted_residual_network(steps, precision))
      return make_inverted_residual_network(steps, layers, weights, origin, precision);
    auto network = std::make_unique<Network>(steps, layers, weights, origin, precision,
                                             fastest_convolution_method(precision, device), device);
    if (device.kind != DeviceKind::cpu) network->extract(black_picture(network->max_stride()));
    return network;
  } catch (const std::exception&) {
    throw_torch_error("build " + name + " from \"" + origin + "\"", device);
  }
}

}  // namespace patchcore
