// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The part of the way that training and detection share: from a frame to its patch features.
#include "core/frame_embedding.h"

#include <utility>

namespace patchcore {

FrameEmbedding::FrameEmbedding(const PreprocessOptions& preprocess,
                               std::unique_ptr<Backbone> backbone,
                               const PatchEmbeddingOptions& embedding)
    : preprocess_(preprocess), backbone_(std::move(backbone)), embedding_(embedding) {}

void FrameEmbedding::prepare(const ImageView& frame, PreparedFrame& prepared,
                             Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  prepared.inspected = preprocess_.geometry(frame.size).inspected;
  preprocess_.run(frame, prepared.input, workspace);
  clock.finish(Stage::preprocess);
}

PatchGrid FrameEmbedding::embed(const InputTensor& input, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  const FeatureMaps features = backbone_->extract(input);
  clock.finish(Stage::backbone);
  const PatchGrid grid = embedding_.embed(features, workspace.patches);
  clock.finish(Stage::embedding);
  return grid;
}

PatchGrid FrameEmbedding::embed(const ImageView& frame, Workspace& workspace) const {
  prepare(frame, workspace.prepared, workspace);
  return embed(workspace.prepared.input, workspace);
}

InputGeometry FrameEmbedding::geometry(Size frame) const {
  return preprocess_.geometry(frame);
}

}  // namespace patchcore
