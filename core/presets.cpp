// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings of training that go together: those of other programs, and of the paper.
#include "core/presets.h"

#include "core/trainer.h"

namespace patchcore {
namespace {

/// What differs between the presets.
struct Settings {
  const char* input_size;
  const char* crop;
  int dimension;  ///< of each layer and of a patch
  SamplerKind sampler;
  double ratio;
  int neighbours;
  ScoreMode score_mode;
};

constexpr Settings amazon = {
    "256", "224", 1024, SamplerKind::approximate_greedy, 0.1, 1, ScoreMode::published};
constexpr Settings anomalib = {"256x256", "none", dimension_none,  SamplerKind::greedy,
                               0.1,       9,      ScoreMode::paper};
constexpr Settings paper = {"256", "224", 1024, SamplerKind::greedy, 0.25, 9, ScoreMode::paper};

void apply(const Settings& settings, TrainerOptions& options) {
  options.backbone.name = "wide_resnet50_2";
  options.backbone.layers = {"layer2", "layer3"};
  options.input_size = settings.input_size;
  options.crop = settings.crop;
  options.patch_size = 3;
  options.pretrain_embed_dimension = settings.dimension;
  options.target_embed_dimension = settings.dimension;
  options.coreset.sampler = settings.sampler;
  options.coreset.ratio = settings.ratio;
  options.coreset.max_patches = 0;
  options.scoring = {settings.score_mode, settings.neighbours, ImageScore::max};
}

}  // namespace

const char* preset_name(Preset preset) {
  switch (preset) {
    case Preset::none:
      break;
    case Preset::amazon:
      return "amazon";
    case Preset::anomalib:
      return "anomalib";
    case Preset::paper:
      return "paper";
  }
  return "none";
}

void apply_preset(Preset preset, TrainerOptions& options) {
  switch (preset) {
    case Preset::none:
      break;
    case Preset::amazon:
      apply(amazon, options);
      break;
    case Preset::anomalib:
      apply(anomalib, options);
      break;
    case Preset::paper:
      apply(paper, options);
      break;
  }
}

}  // namespace patchcore
