// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The part of the way that training and detection share: from a frame to its patch features.
#include "core/frame_embedding.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/frame_batch.h"
#include "core/stage_times.h"

namespace patchcore {
namespace {

/// Flags of the patches of several tiles, one tile after the other; empty if none are ignored.
IgnoredPatches ignored_of_tiles(const std::vector<Tile>& tiles, std::size_t first, std::size_t end,
                                std::size_t patches) {
  IgnoredPatches all;
  const std::size_t patches_of_tile = patches / (end - first);
  for (std::size_t i = first; i < end; ++i) {
    const IgnoredPatches& own = tiles[i].ignored;
    if (own.empty()) continue;
    all.resize(patches);
    std::copy(own.begin(), own.end(),
              all.begin() + static_cast<std::ptrdiff_t>((i - first) * patches_of_tile));
  }
  return all;
}

}  // namespace

FrameEmbedding::FrameEmbedding(const PreprocessOptions& preprocess,
                               std::unique_ptr<Backbone> backbone,
                               const PatchEmbeddingOptions& embedding)
    : preprocess_(preprocess), backbone_(std::move(backbone)), embedding_(embedding) {}

void FrameEmbedding::prepare(const ImageView& frame, const InspectedPart& part,
                             PreparedFrame& prepared, Workspace& workspace) const {
  if (has_tiles()) {
    StageClock clock(workspace.stage_times);
    prepared.tiles = plan(part, prepared.ignored);
    if (prepared.tiles) {
      prepared.input.batch = prepared.input.height = prepared.input.width = 0;
      prepared.input.values.clear();
      prepared.inspected = part.rect;
      prepared.picture.assign(frame, part.rect);
      clock.add(Stage::preprocess);
      return;
    }
  }
  prepare_at_once(frame, part, prepared, workspace);
}

void FrameEmbedding::prepare_at_once(const ImageView& frame, const InspectedPart& part,
                                     PreparedFrame& prepared, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  const InputGeometry geometry = preprocess_.geometry(part.rect);
  prepared.tiles = nullptr;
  prepared.inspected = geometry.inspected;
  prepared.ignored = ignored(part, geometry);
  preprocess_.run(frame, part.rect, prepared.input, workspace);
  clock.add(Stage::preprocess);
}

/// @param ignored  becomes that of the plan's grid
/// @return null if the part is not larger than a tile
std::shared_ptr<const TilePlan> FrameEmbedding::plan(const InspectedPart& part,
                                                     IgnoredPatches& ignored) const {
  const PreprocessOptions& options = preprocess_.options();
  const TileLayout layout(part.rect, options.tile_size, options.tile_overlap);
  if (layout.is_whole()) return nullptr;
  const std::lock_guard<std::mutex> lock(planned_mutex_);
  if (!planned_.plan || !(planned_.part == part)) {
    const Size input = preprocess_.geometry(layout.rect(0, 0)).input;
    const PatchGrid tile_grid = grid(input);
    IgnoredPatches of_part;
    if (part.mask) {
      of_part = part.mask->ignored(part.masked, part.rect, common_grid(layout, tile_grid));
    }
    planned_.plan = std::make_shared<const TilePlan>(plan_tiles(layout, tile_grid, input, of_part));
    planned_.part = part;
    planned_.ignored = std::move(of_part);
  }
  ignored = planned_.ignored;
  return planned_.plan;
}

IgnoredPatches FrameEmbedding::ignored(const InspectedPart& part,
                                       const InputGeometry& geometry) const {
  if (!part.mask) return {};
  return part.mask->ignored(part.masked, geometry.inspected, grid(geometry.input));
}

IgnoredPatches FrameEmbedding::ignored(const InspectedPart& part) const {
  return ignored(part, preprocess_.geometry(part.rect));
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
  clock.add(Stage::backbone);
  const PatchGrid grid = embedding_.embed(features, workspace.patches);
  clock.add(Stage::embedding);
  return grid;
}

void FrameEmbedding::embed_tiles(const PreparedFrame& frame, Workspace& workspace,
                                 const TakePatches& take) const {
  const ImageView picture = frame.picture.view();
  const std::vector<Tile>& tiles = frame.tiles->tiles;
  workspace.tile_inputs.resize(tiles_at_once);
  for (std::size_t first = 0; first < tiles.size(); first += tiles_at_once) {
    const std::size_t end = std::min(first + tiles_at_once, tiles.size());
    StageClock clock(workspace.stage_times);
    std::vector<const InputTensor*> inputs;
    for (std::size_t i = first; i < end; ++i) {
      InputTensor& input = workspace.tile_inputs[i - first];
      preprocess_.run(picture, frame.picture.shifted(tiles[i].rect), input, workspace);
      inputs.push_back(&input);
    }
    join_inputs(inputs, workspace.joined);
    clock.add(Stage::preprocess);
    const FeatureMaps features = backbone_->extract(workspace.joined);
    clock.add(Stage::backbone);
    embedding_.embed(features, workspace.patches);
    drop_ignored(ignored_of_tiles(tiles, first, end, workspace.patches.rows), workspace.patches);
    clock.add(Stage::embedding);
    take(workspace.patches);
  }
}

PatchGrid FrameEmbedding::embed(const ImageView& frame, Workspace& workspace) const {
  InspectedPart whole;
  whole.rect = {0, 0, frame.size.width, frame.size.height};
  prepare_at_once(frame, whole, workspace.prepared, workspace);
  return embed(workspace.prepared.input, workspace);
}

void FrameEmbedding::check(const InspectedPart& part) const {
  IgnoredPatches of_part;
  if (has_tiles() && plan(part, of_part)) return;
  ignored(part, preprocess_.geometry(part.rect));
}

}  // namespace patchcore
