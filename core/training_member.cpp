// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One member of the ensemble that a training run makes, or its only bank.
#include "core/training_member.h"

#include <utility>

#include "core/bank_completion.h"
#include "core/input_settings.h"

namespace patchcore {
namespace {

PatchEmbeddingOptions resolve_embedding(PatchEmbeddingOptions defaults,
                                        const TrainerOptions& options) {
  defaults.patch_size = options.patch_size.value_or(defaults.patch_size);
  defaults.pretrain_embed_dimension =
      options.pretrain_embed_dimension.value_or(defaults.pretrain_embed_dimension);
  defaults.target_embed_dimension =
      options.target_embed_dimension.value_or(defaults.target_embed_dimension);
  defaults.validate();
  return defaults;
}

}  // namespace

void TrainingMember::resolve(const BackboneDescription& description, const TrainerOptions& run) {
  backbone_.name = description.name;
  if (backbone_.layers.empty()) backbone_.layers = description.default_layers;
  preprocess_ = apply_input_settings(description.preprocess, run.input_size,
                                     run.tile_size != 0 && run.crop.empty() ? "none" : run.crop);
  preprocess_.tile_size = run.tile_size;
  preprocess_.tile_overlap = run.tile_overlap;
  preprocess_.validate();
  embedding_options_ = resolve_embedding(description.embedding, run);
}

void TrainingMember::take_geometry_of(const TrainingMember& other) {
  const PreprocessOptions own = preprocess_;
  preprocess_ = other.preprocess_;
  preprocess_.mean = own.mean;
  preprocess_.deviation = own.deviation;
}

void TrainingMember::load(const BackboneSource& source, const Device& device, Precision precision) {
  precision_ = source.resolve_precision(precision, device);
  std::unique_ptr<Backbone> network = source.make(precision_, device, preprocess_);
  backbone_.layers = network->layers();
  embedding_ =
      std::make_unique<FrameEmbedding>(preprocess_, std::move(network), embedding_options_);
}

void TrainingMember::take_weights(BackboneSource& source) {
  weights_sha256_ = source.sha256();
  weights_ = source.take_weights();
}

BankFile TrainingMember::settings(const TrainerOptions& run, const InspectionArea& area) const {
  BankFile file;
  file.backbone = backbone_.name;
  file.layers = backbone_.layers;
  file.precision = embedding_ ? precision_ : run.precision;
  file.preprocess = preprocess_;
  file.area = area;
  file.embedding = embedding_options_;
  file.coreset = run.coreset;
  file.scoring = run.scoring;
  file.index = run.index;
  return file;
}

BankFile TrainingMember::make_bank(BankFile file, TrainingPatches patches, EarlierBank earlier,
                                   const BuildingProgress& progress) const {
  progress(BuildingStep::coreset, 0);
  BuiltBank built = build_bank(std::move(patches), file.coreset, file.scoring, file.index, progress,
                               std::move(earlier));
  file.calibration = std::move(built.calibration);
  file.held_out = std::move(built.held_out);
  file.recall = built.recall;
  file.bank = std::move(built.bank);
  file.weights_sha256 = weights_sha256_;
  progress(BuildingStep::calibration, 1);
  complete_bank(file, *embedding_);
  return file;
}

}  // namespace patchcore
