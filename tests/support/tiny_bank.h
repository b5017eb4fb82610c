// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A real memory bank that is made in a moment: a small network with weights by formula, trained on
// a few small pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/trainer.h"

namespace patchcore::test {

/// A picture that owns its pixels: RGB stripes, those of a number alike but not the same.
struct StripedPicture {
  explicit StripedPicture(int number, Size size = {64, 48});

  /// Puts a bright square of a fifth of the height into the middle.
  void add_defect();
  /// Makes a part of it bright.
  void add_defect(const Rect& part);

  ImageView view() const;

  Size size;
  std::vector<std::uint8_t> rgb;
};

/// Writes the weights of a resnet18 up to layer2 into @p folder.
/// @return the file's path
std::string write_tiny_weights(const std::string& folder);

/// Training settings for those weights: 64 x 64 pixels, no crop.
TrainerOptions tiny_trainer_options(const std::string& weights);

/// Builds and waits.
/// @throws what the build failed with
TrainingReport build_and_wait(Trainer& trainer, const std::string& path);

/// Writes tiny.safetensors into @p folder, trained on 10 striped pictures.
/// @return the file's path
std::string write_tiny_bank(const std::string& folder, Precision precision = Precision::automatic);

/// Settings of an ensemble: the same network, and a resnet34 up to layer2, with one layer and so a
/// coarser grid. Writes its weights into @p folder, too.
TrainerOptions tiny_ensemble_options(const std::string& folder);

/// Writes ensemble.safetensors, trained on the same pictures as tiny.safetensors.
/// @return the file's path
std::string write_tiny_ensemble(const std::string& folder);

/// Writes other.safetensors, the same with a resnet34.
/// @return the file's path
std::string write_other_tiny_bank(const std::string& folder);

}  // namespace patchcore::test
