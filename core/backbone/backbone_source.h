// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where a backbone comes from: a native network with its weights, or a TorchScript file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"

namespace patchcore {

/// A network, found and checked, not yet on a device. Immutable after construction.
class BackboneSource {
 public:
  virtual ~BackboneSource() = default;

  virtual const BackboneDescription& description() const = 0;

  /// What the network computes with: resolve_precision(), but a TorchScript file as it is unless
  /// something else is asked for.
  /// @throws Error invalid_argument
  virtual Precision resolve_precision(Precision asked, const Device& device) const = 0;

  /// @param preprocess  that makes its input
  /// @throws Error
  virtual std::unique_ptr<Backbone> make(Precision precision, const Device& device,
                                         const PreprocessOptions& preprocess) const = 0;

  /// SHA-256 of the weights by tensor_table_sha256(), or of the TorchScript file.
  virtual std::string sha256() const = 0;

  /// What a bank file may keep: nothing of a TorchScript file, whose code has no place in a bank.
  virtual TensorTable take_weights() = 0;
};

/// For training.
/// @throws Error not_found, invalid_argument, read_failed, corrupt, unsupported_file, no_space
std::unique_ptr<BackboneSource> find_backbone(const BackboneOptions& options);

/// For detection: what a bank was made with.
struct BankBackbone {
  std::string name;
  std::vector<std::string> layers;
  TensorTable weights;  ///< empty if the bank has none
  std::string sha256;
};

/// @param bank_path          for messages
/// @param weights            file, for a bank without weights; empty: searched for by name
/// @param allow_torchscript  see require_torchscript_allowed()
/// @throws Error as find_backbone(), invalid_argument for a file that is not the bank's
std::unique_ptr<BackboneSource> find_bank_backbone(BankBackbone bank, const std::string& bank_path,
                                                   const std::string& weights,
                                                   bool allow_torchscript);

}  // namespace patchcore
