// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One memory bank, loaded and ready to score frames.
#include "core/ensemble_member.h"

#include <utility>

#include "core/inspection_mask.h"
#include "core/self_test.h"
#include "core/stage_times.h"

namespace patchcore {

EnsembleMember::EnsembleMember(BankFile file, IndexKind index)
    : file_(std::move(file)), index_kind_(index == IndexKind::automatic ? file_.index : index) {}

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
  clock.finish(Stage::search);
  const PatchGrid row = {1, static_cast<int>(patches.rows)};
  FrameScore scored = scoring_->score_neighbours(patches, row, workspace.neighbours);
  scored.map = spread_over_grid(ignored, grid, std::move(scored.map));
  clock.finish(Stage::scoring);
  return scored;
}

}  // namespace patchcore
