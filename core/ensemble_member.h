// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One memory bank, loaded and ready to score frames.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/backbone/backbone_source.h"
#include "core/bank_file.h"
#include "core/device.h"
#include "core/frame_embedding.h"
#include "core/nearest_neighbours.h"
#include "core/options.h"
#include "core/scoring.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// A memory bank with its network, its index and its scoring. Never changes once it is loaded; any
/// thread, each with a Workspace of its own.
class EnsembleMember {
 public:
  /// @param file   without the backbone's weights, which load() takes from elsewhere
  /// @param index  automatic: what the bank asks for
  EnsembleMember(BankFile file, IndexKind index);

  /// Before anything else; again for another device.
  /// @throws Error
  void load(const BackboneSource& backbone, const Device& device, Precision precision);

  /// @param path  for the message
  /// @throws Error corrupt if the bank's self-test gives another score than it should
  void run_self_test(const std::string& path) const;

  const BankFile& file() const { return file_; }
  IndexKind index() const { return index_kind_; }  ///< that is in use
  const FrameEmbedding& embedding() const { return *embedding_; }

  /// From the patches of a frame on.
  /// @param patches  of the whole frame; loses those that are ignored
  /// @return with a map of the whole grid, 0 where patches are ignored
  FrameScore score(const IgnoredPatches& ignored, PatchMatrix& patches, PatchGrid grid,
                   Workspace& workspace) const;

  /// From the prepared frame on, few of its tiles at once.
  /// @param frame  has PreparedFrame::tiles
  /// @return as score()
  FrameScore score_tiles(const PreparedFrame& frame, Workspace& workspace) const;

 private:
  BankFile file_;
  IndexKind index_kind_;
  Precision precision_ = Precision::fp32;
  std::optional<FrameEmbedding> embedding_;
  std::unique_ptr<NearestNeighbours> index_;
  std::optional<Scoring> scoring_;
};

}  // namespace patchcore
