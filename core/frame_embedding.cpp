// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The part of the way that training and detection share: from a frame to its patch features.
#include "core/frame_embedding.h"

#include <cstddef>
#include <utility>
#include <vector>

namespace patchcore {

FrameEmbedding::FrameEmbedding(const PreprocessOptions& preprocess,
                               std::unique_ptr<Backbone> backbone,
                               const PatchEmbeddingOptions& embedding)
    : preprocess_(preprocess), backbone_(std::move(backbone)), embedding_(embedding) {}

void FrameEmbedding::prepare(const ImageView& frame, const InspectedPart& part,
                             PreparedFrame& prepared, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  const InputGeometry geometry = preprocess_.geometry(part.rect);
  prepared.inspected = geometry.inspected;
  prepared.ignored = ignored(part, geometry);
  preprocess_.run(frame, part.rect, prepared.input, workspace);
  clock.finish(Stage::preprocess);
}

IgnoredPatches FrameEmbedding::ignored(const InspectedPart& part,
                                       const InputGeometry& geometry) const {
  if (!part.mask) return {};
  return part.mask->ignored(part.masked, geometry.inspected, grid(geometry.input));
}

PatchGrid FrameEmbedding::grid(Size input) const {
  const int stride = backbone_->first_stride();
  if (stride > 0 && input.width % stride == 0 && input.height % stride == 0)
    return {input.height / stride, input.width / stride};
  const std::lock_guard<std::mutex> lock(grids_mutex_);
  PatchGrid& grid = grids_[{input.width, input.height}];
  if (grid.width == 0) {
    const std::size_t values = std::size_t{3} * input.width * input.height;
    const FeatureMaps maps =
        backbone_->extract({1, input.height, input.width, std::vector<float>(values)});
    grid = {maps.front().height, maps.front().width};
  }
  return grid;
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
  InspectedPart whole;
  whole.rect = {0, 0, frame.size.width, frame.size.height};
  prepare(frame, whole, workspace.prepared, workspace);
  return embed(workspace.prepared.input, workspace);
}

void FrameEmbedding::check(const InspectedPart& part) const {
  ignored(part, preprocess_.geometry(part.rect));
}

}  // namespace patchcore
