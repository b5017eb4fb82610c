// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One member of the ensemble that a training run makes, or its only bank.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone_source.h"
#include "core/bank_building.h"
#include "core/bank_file.h"
#include "core/device.h"
#include "core/frame_embedding.h"
#include "core/options.h"
#include "core/patch_collection.h"
#include "core/trainer.h"

namespace patchcore {

/// A network of a training run with its settings, and the way from its patches to its bank.
class TrainingMember {
 public:
  /// @param backbone  one of the run's
  explicit TrainingMember(BackboneOptions backbone) : backbone_(std::move(backbone)) {}

  const BackboneOptions& backbone() const { return backbone_; }

  /// Fills in what the run leaves to the backbone.
  /// @throws Error invalid_argument
  void resolve(const BackboneDescription& description, const TrainerOptions& run);

  const PreprocessOptions& preprocess() const { return preprocess_; }

  /// Sees the same part of every frame at the same size as another member.
  void take_geometry_of(const TrainingMember& other);

  /// After the settings are complete; again for another device.
  /// @throws Error
  void load(const BackboneSource& source, const Device& device, Precision precision);

  const FrameEmbedding& embedding() const { return *embedding_; }

  /// After load().
  void take_weights(BackboneSource& source);
  const std::string& weights_sha256() const { return weights_sha256_; }

  /// What its bank says of how it was made, as far as that is known before; without the weights'
  /// checksum. Before load(), its precision is what the run asks for.
  BankFile settings(const TrainerOptions& run, const InspectionArea& area) const;

  /// Builds what settings() begins: all but the weights.
  /// @param file     settings(), and what it was made from
  /// @param earlier  without patches: there is none
  /// @throws Error
  BankFile make_bank(BankFile file, TrainingPatches patches, EarlierBank earlier,
                     const BuildingProgress& progress) const;

  /// None of a TorchScript file. Leaves it without.
  TensorTable release_weights() { return std::move(weights_); }

 private:
  BackboneOptions backbone_;  // with its own name and its layers filled in
  PreprocessOptions preprocess_;
  PatchEmbeddingOptions embedding_options_;
  Precision precision_ = Precision::automatic;
  std::unique_ptr<FrameEmbedding> embedding_;
  std::string weights_sha256_;
  TensorTable weights_;
};

}  // namespace patchcore
