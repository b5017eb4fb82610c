// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One memory bank, loaded and ready to score frames.
#include "core/ensemble_member.h"

#include <utility>

#include "core/inspection_mask.h"
#include "core/patch_matrix.h"
#include "core/self_test.h"
#include "core/stage_times.h"

namespace patchcore {
namespace {

void append(Neighbours& all, const Neighbours& more) {
  all.k = more.k;
  all.queries += more.queries;
  all.distances.insert(all.distances.end(), more.distances.begin(), more.distances.end());
  all.indices.insert(all.indices.end(), more.indices.begin(), more.indices.end());
}

}  // namespace

EnsembleMember::EnsembleMember(BankFile file, IndexKind index)
    : file_(std::move(file)), index_kind_(index == IndexKind::automatic ? file_.index : index) {
  file_.held_out = {};  // for training alone
}

void EnsembleMember::load(const BackboneSource& backbone, const Device& device,
                          Precision precision) {
  scoring_.reset();
  index_.reset();
  embedding_.reset();
  precision_ = backbone.resolve_precision(precision, device);
  embedding_.emplace(file_.preprocess, backbone.make(precision_, device, file_.preprocess),
                     file_.embedding);
  index_ = make_nearest_neighbours(file_.bank, index_kind_, file_.search, device);
  scoring_.emplace(file_.scoring, file_.bank, *index_);
}

void EnsembleMember::run_self_test(const std::string& path) const {
  if (file_.self_test.rgb.empty()) return;  // other programs' banks may have none
  const bool exact = precision_ == Precision::fp32 && file_.precision == Precision::fp32;
  if (!is_approximate(index_kind_)) {
    check_self_test(file_.self_test, *embedding_, *scoring_, exact, path);
    return;
  }
  // The score in the file is that of exact search, and the picture is like none that the bank
  // knows.
  const auto exact_index = make_nearest_neighbours(file_.bank, IndexKind::faiss_flat);
  check_self_test(file_.self_test, *embedding_, Scoring(file_.scoring, file_.bank, *exact_index),
                  exact, path);
}

FrameScore EnsembleMember::score(const IgnoredPatches& ignored, PatchMatrix& patches,
                                 PatchGrid grid, Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  drop_ignored(ignored, patches);
  scoring_->search(patches, workspace.neighbours);
  clock.add(Stage::search);
  const PatchGrid row = {1, static_cast<int>(patches.rows)};
  FrameScore scored = scoring_->score_neighbours(patches, row, workspace.neighbours);
  scored.map = spread_over_grid(ignored, grid, std::move(scored.map));
  clock.add(Stage::scoring);
  return scored;
}

FrameScore EnsembleMember::score_tiles(const PreparedFrame& frame, Workspace& workspace) const {
  Neighbours& all = workspace.frame_neighbours;
  all.queries = 0;
  all.distances.clear();
  all.indices.clear();
  PatchMatrix& kept = workspace.frame_patches;
  kept.rows = 0;
  kept.values.clear();
  embedding_->embed_tiles(frame, workspace, [&](const PatchMatrix& patches) {
    StageClock clock(workspace.stage_times);
    scoring_->search(patches, workspace.neighbours);
    append(all, workspace.neighbours);
    if (scoring_->needs_patches()) {
      kept.columns = patches.columns;
      append_rows(kept, patches);
    }
    clock.add(Stage::search);
  });
  StageClock clock(workspace.stage_times);
  const PatchGrid row = {1, static_cast<int>(all.queries)};
  FrameScore scored = scoring_->score_neighbours(kept, {row, frame.tiles->blending}, all);
  scored.map = spread_over_grid(frame.ignored, frame.tiles->grid, std::move(scored.map));
  clock.add(Stage::scoring);
  return scored;
}

}  // namespace patchcore
