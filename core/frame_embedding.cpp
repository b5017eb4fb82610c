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
  prepared.inspected = preprocess(frame, prepared.input, workspace).inspected;
  clock.finish(Stage::preprocess);
}

PatchGrid FrameEmbedding::embed(const PreparedFrame& frame, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  const FeatureMaps features = backbone_->extract(frame.input);
  clock.finish(Stage::backbone);
  const PatchGrid grid = embedding_.embed(features, workspace.patches);
  clock.finish(Stage::embedding);
  return grid;
}

PatchGrid FrameEmbedding::embed(const ImageView& frame, Workspace& workspace) const {
  prepare(frame, workspace.prepared, workspace);
  return embed(workspace.prepared, workspace);
}

InputGeometry FrameEmbedding::preprocess(const ImageView& frame, InputTensor& input,
                                         Workspace& workspace) const {
  const InputGeometry geometry = preprocess_.geometry(frame.size);
  preprocess_.run(frame, input, workspace);
  return geometry;
}

PatchGrid FrameEmbedding::embed(const InputTensor& input, PatchMatrix& patches) const {
  return embedding_.embed(backbone_->extract(input), patches);
}

InputGeometry FrameEmbedding::geometry(Size frame) const {
  return preprocess_.geometry(frame);
}

}  // namespace patchcore
