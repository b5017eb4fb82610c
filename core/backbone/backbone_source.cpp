// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where a backbone comes from: a native network with its weights, or a TorchScript file.
#include "core/backbone/backbone_source.h"

#include <utility>

#include "core/backbone/precision.h"
#include "core/backbone/torchscript.h"
#include "core/backbone/torchscript_file.h"
#include "core/error.h"
#include "core/preprocess.h"
#include "core/weights/weights_search.h"

namespace patchcore {
namespace {

class NativeSource : public BackboneSource {
 public:
  /// @param weights  by the network's names, up to the last of @p layers
  NativeSource(BackboneDescription description, std::vector<std::string> layers,
               TensorTable weights, std::string origin)
      : description_(std::move(description)),
        layers_(std::move(layers)),
        weights_(std::move(weights)),
        origin_(std::move(origin)) {}

  const BackboneDescription& description() const override { return description_; }

  Precision resolve_precision(Precision asked, const Device& device) const override {
    return patchcore::resolve_precision(asked, precision_support(), device);
  }

  std::unique_ptr<Backbone> make(Precision precision, const Device& device,
                                 const PreprocessOptions& /*preprocess*/) const override {
    return make_backbone(description_.name, layers_, weights_, origin_, precision, device);
  }

  std::string sha256() const override { return tensor_table_sha256(weights_); }
  TensorTable take_weights() override { return std::move(weights_); }

 private:
  BackboneDescription description_;
  std::vector<std::string> layers_;
  TensorTable weights_;
  std::string origin_;
};

class TorchscriptSource : public BackboneSource {
 public:
  TorchscriptSource(TorchscriptFile file, std::vector<std::string> layers)
      : description_(describe_torchscript(file)),
        layers_(layers.empty() ? description_.default_layers : std::move(layers)),
        file_(std::move(file)) {}

  const BackboneDescription& description() const override { return description_; }

  Precision resolve_precision(Precision asked, const Device& device) const override {
    if (asked == Precision::automatic) return Precision::fp32;
    return patchcore::resolve_precision(asked, precision_support(), device);
  }

  std::unique_ptr<Backbone> make(Precision precision, const Device& device,
                                 const PreprocessOptions& preprocess) const override {
    constexpr Size any_frame = {1024, 1024};
    const Size typical = Preprocess(preprocess).geometry(any_frame).input;
    return make_torchscript_backbone(file_, layers_, precision, device, typical);
  }

  std::string sha256() const override { return file_.sha256; }
  TensorTable take_weights() override { return {}; }

 private:
  BackboneDescription description_;
  std::vector<std::string> layers_;
  TorchscriptFile file_;
};

[[noreturn]] void refuse_other_weights(const std::string& path, const std::string& bank_path) {
  throw Error(ErrorCode::invalid_argument,
              "the weights in " + path + " are not those that the bank " + bank_path +
                  " was trained with: pass the right file, or train the bank again");
}

}  // namespace

std::unique_ptr<BackboneSource> find_backbone(const BackboneOptions& options) {
  if (is_torchscript_name(options.name)) {
    if (!options.weights.empty())
      throw Error(ErrorCode::invalid_argument,
                  "the TorchScript file " + options.name +
                      " has its weights in it: set no weights beside it");
    require_torchscript_allowed(options.allow_torchscript, options.name);
    return std::make_unique<TorchscriptSource>(read_torchscript_file(options.name), options.layers);
  }
  BackboneDescription description = describe_backbone(options.name);
  const std::string name = description.name;
  const std::vector<std::string> layers =
      options.layers.empty() ? description.default_layers : options.layers;
  const std::string path = find_weights(name, options.weights, description.how_to_get_weights);
  TensorTable weights = select_backbone_weights(name, layers, read_weights(path), path);
  return std::make_unique<NativeSource>(std::move(description), layers, std::move(weights), path);
}

std::unique_ptr<BackboneSource> find_bank_backbone(BankBackbone bank, const std::string& bank_path,
                                                   const std::string& weights,
                                                   bool allow_torchscript) {
  if (is_torchscript_name(bank.name)) {
    require_torchscript_allowed(allow_torchscript,
                                bank.name + ", which the bank " + bank_path + " was trained with,");
    TorchscriptFile file = read_torchscript_file(find_torchscript_file(bank.name, weights));
    if (file.sha256 != bank.sha256) refuse_other_weights(file.path, bank_path);
    return std::make_unique<TorchscriptSource>(std::move(file), std::move(bank.layers));
  }
  BackboneDescription description = describe_backbone(bank.name);
  if (!bank.weights.empty())
    return std::make_unique<NativeSource>(std::move(description), std::move(bank.layers),
                                          std::move(bank.weights), bank_path);
  const std::string path = find_weights(bank.name, weights, description.how_to_get_weights);
  TensorTable found = select_backbone_weights(bank.name, bank.layers, read_weights(path), path);
  if (tensor_table_sha256(found) != bank.sha256) refuse_other_weights(path, bank_path);
  return std::make_unique<NativeSource>(std::move(description), std::move(bank.layers),
                                        std::move(found), path);
}

}  // namespace patchcore
