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

FrameEmbedding::Result FrameEmbedding::embed(const ImageView& frame, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  Result result;
  result.geometry = preprocess(frame, workspace.input, workspace);
  clock.finish(Stage::preprocess);
  const FeatureMaps features = backbone_->extract(workspace.input);
  clock.finish(Stage::backbone);
  result.grid = embedding_.embed(features, workspace.patches);
  clock.finish(Stage::embedding);
  return result;
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
