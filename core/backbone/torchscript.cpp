// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A backbone that a TorchScript module is.
#include "core/backbone/torchscript.h"

#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>
#include <caffe2/serialize/in_memory_adapter.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <utility>

#include "core/backbone/convolution_method.h"
#include "core/backbone/network_tensors.h"
#include "core/backbone/token_grid.h"
#include "core/error.h"
#include "core/torch_device.h"

namespace patchcore {
namespace {

struct Output {
  std::string layer;
  at::Tensor tensor;
};

/// What is no tensor, as an unused output of a training network, is passed over.
std::vector<Output> find_outputs(const c10::IValue& result) {
  std::vector<Output> outputs;
  const auto add = [&outputs](const std::string& layer, const c10::IValue& value) {
    if (value.isTensor()) outputs.push_back({layer, value.toTensor()});
  };
  const auto add_all = [&add](const auto& values) {
    std::size_t index = 0;
    for (const auto& value : values) add(std::to_string(index++), value);
  };
  if (result.isGenericDict()) {
    for (const auto& entry : result.toGenericDict()) {
      if (entry.key().isString()) add(entry.key().toStringRef(), entry.value());
    }
  } else if (result.isTuple()) {
    add_all(result.toTupleRef().elements());
  } else if (result.isList()) {
    add_all(result.toListRef());
  } else {
    add("0", result);
  }
  return outputs;
}

class TorchscriptBackbone : public Backbone {
 public:
  TorchscriptBackbone(const TorchscriptFile& file, std::vector<std::string> layers,
                      Precision precision, const Device& device, Size typical)
      : path_(file.path),
        input_size_(file.settings.input_size),
        type_(scalar_type(precision)),
        device_(device),
        layers_(std::move(layers)) {
    if (device.kind != DeviceKind::cpu) forbid_tf32();
    load(file.bytes);
    InputTensor black{1, typical.height, typical.width, {}};
    black.values.resize(std::size_t{3} * typical.width * typical.height);
    const std::vector<Output> outputs = run(black, 0);
    if (layers_.empty()) {
      for (const Output& output : outputs) layers_.push_back(output.layer);
    }
    check_layers(outputs);
    for (const at::Tensor& map : wanted_maps(outputs, typical)) {
      const auto rows = static_cast<int>(map.size(2));
      const auto columns = static_cast<int>(map.size(3));
      max_stride_ = std::max({max_stride_, typical.height / rows, typical.width / columns});
      channels_.push_back(map.size(1));
    }
  }

  FeatureMaps extract(const InputTensor& input) const override {
    check_input(input, max_stride_);
    const Size size = {input.width, input.height};
    std::vector<std::vector<at::Tensor>> pictures(layers_.size());
    for (int picture = 0; picture < input.batch; ++picture) {
      const std::vector<at::Tensor> maps = wanted_maps(run(input, picture), size);
      check_channels(maps, size);
      for (std::size_t i = 0; i < maps.size(); ++i) pictures[i].push_back(maps[i]);
    }
    try {
      const c10::InferenceMode inference;
      FeatureMaps maps;
      for (std::size_t i = 0; i < layers_.size(); ++i)
        maps.push_back(share_feature_map(layers_[i], at::cat(pictures[i])));
      return maps;
    } catch (const std::exception&) {
      throw_torch_error("join the features of " + std::to_string(input.batch) + " pictures",
                        device_);
    }
  }

  const std::vector<std::string>& layers() const override { return layers_; }
  int max_stride() const override { return max_stride_; }
  /// What a module makes of the borders is its own affair.
  int first_stride() const override { return 0; }

 private:
  void load(const std::string& bytes) {
    try {
      const c10::InferenceMode inference;
      module_ = torch::jit::load(std::make_shared<caffe2::serialize::MemoryReadAdapter>(
                                     bytes.data(), static_cast<off_t>(bytes.size())),
                                 torch_device(device_));
      module_.eval();
      if (type_ != at::kFloat) module_.to(type_);
      module_ = torch::jit::freeze(module_);
    } catch (const c10::OutOfMemoryError&) {
      throw_torch_error("load the TorchScript file " + path_, device_);
    } catch (const std::bad_alloc&) {
      throw_torch_error("load the TorchScript file " + path_, device_);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::corrupt,
                  "the TorchScript file " + path_ +
                      " cannot be loaded; it may be damaged or have been made by a PyTorch that is "
                      "too new for this LibTorch: " +
                      error.what());
    }
  }

  /// The outputs for one picture of the input.
  std::vector<Output> run(const InputTensor& input, int picture) const {
    const Size size = {input.width, input.height};
    if (input_size_ && size != *input_size_)
      throw Error(ErrorCode::unsupported_frame,
                  "the network in " + path_ + " takes pictures of " + size_text(*input_size_) +
                      " pixels and not of " + size_text(size) +
                      ": leave out input-size and crop, or set input-size=" +
                      size_text(*input_size_) + " to see the whole frame");
    try {
      const c10::InferenceMode inference;
      // A copy, which the module may write to.
      at::Tensor tensor = view_input(input, picture, 1)
                              .to(torch_device(device_), type_,
                                  /*non_blocking=*/false, /*copy=*/true);
      return find_outputs(module_.forward({std::move(tensor)}));
    } catch (const std::exception&) {
      throw_torch_error("run the TorchScript file " + path_ + " on a picture of " +
                            size_text(size) +
                            " pixels (if the network is made for one size, set that as "
                            "input-size=WIDTHxHEIGHT)",
                        device_);
    }
  }

  void check_layers(const std::vector<Output>& outputs) const {
    std::string known;
    for (const Output& output : outputs) known += (known.empty() ? "" : ", ") + output.layer;
    if (outputs.empty())
      throw Error(ErrorCode::invalid_argument, "the network in " + path_ + " gives no tensor");
    for (auto layer = layers_.begin(); layer != layers_.end(); ++layer) {
      const bool exists = std::any_of(outputs.begin(), outputs.end(),
                                      [&](const Output& output) { return output.layer == *layer; });
      if (!exists)
        throw Error(ErrorCode::not_found, "the network in " + path_ + " has no output \"" + *layer +
                                              "\"; its outputs are " + known);
      if (std::find(layers_.begin(), layer, *layer) != layer)
        throw Error(ErrorCode::invalid_argument,
                    "output \"" + *layer + "\" of " + path_ + " is asked for twice");
    }
  }

  /// In the order of layers_, each [1, channels, height, width].
  std::vector<at::Tensor> wanted_maps(const std::vector<Output>& outputs, Size input) const {
    std::vector<at::Tensor> maps;
    for (const std::string& layer : layers_) {
      const auto output =
          std::find_if(outputs.begin(), outputs.end(),
                       [&](const Output& candidate) { return candidate.layer == layer; });
      if (output == outputs.end())
        throw Error(ErrorCode::internal, "the network in " + path_ + " gave no output \"" + layer +
                                             "\" for a picture of " + size_text(input) + " pixels");
      maps.push_back(as_map(*output, input));
    }
    return maps;
  }

  /// Patches of several pictures are compared, so that all have to be of the same values.
  void check_channels(const std::vector<at::Tensor>& maps, Size input) const {
    for (std::size_t i = 0; i < maps.size(); ++i) {
      if (maps[i].size(1) == channels_[i]) continue;
      throw Error(ErrorCode::unsupported_frame,
                  "output \"" + layers_[i] + "\" of " + path_ + " has " +
                      std::to_string(maps[i].size(1)) + " channels for a picture of " +
                      size_text(input) + " pixels and " + std::to_string(channels_[i]) +
                      " for another one: PatchCore needs a network that gives as many for all");
    }
  }

  at::Tensor as_map(const Output& output, Size input) const {
    const c10::InferenceMode inference;
    const at::Tensor& tensor = output.tensor;
    const bool one = tensor.dim() > 0 && tensor.size(0) == 1 && tensor.numel() > 0;
    if (one && tensor.dim() == 4) return tensor;
    if (one && tensor.dim() == 3) {
      const auto grid = find_token_grid(tensor.size(1), input);
      if (grid)
        return tensor.slice(1, grid->other_tokens)
            .transpose(1, 2)
            .reshape({1, tensor.size(2), grid->size.height, grid->size.width});
    }
    std::string shape;
    for (const std::int64_t length : tensor.sizes())
      shape += (shape.empty() ? "" : ", ") + std::to_string(length);
    throw Error(ErrorCode::invalid_argument,
                "output \"" + output.layer + "\" of " + path_ + " has the shape [" + shape +
                    "] for a picture of " + size_text(input) +
                    " pixels, which is neither a feature map [1, channels, height, width] nor a "
                    "grid of tokens [1, tokens, channels]");
  }

  std::string path_;
  std::optional<Size> input_size_;
  at::ScalarType type_;
  Device device_;
  std::vector<std::string> layers_;
  std::vector<std::int64_t> channels_;  ///< of each of them
  /// Running it changes nothing, which its type does not say.
  mutable torch::jit::Module module_;
  int max_stride_ = 1;
};

}  // namespace

std::unique_ptr<Backbone> make_torchscript_backbone(const TorchscriptFile& file,
                                                    const std::vector<std::string>& layers,
                                                    Precision precision, const Device& device,
                                                    Size typical) {
  return std::make_unique<TorchscriptBackbone>(file, layers, precision, device, typical);
}

}  // namespace patchcore
