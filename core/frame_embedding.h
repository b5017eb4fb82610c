// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The part of the way that training and detection share: from a frame to its patch features.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "core/backbone/backbone.h"
#include "core/inspection_area.h"
#include "core/patch_embedding.h"
#include "core/prepared_frame.h"
#include "core/preprocess.h"
#include "core/tile_plan.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// Preprocess, backbone and patch embedding in a row, of whole frames or of their tiles. Never
/// changes; any thread, each with a Workspace of its own.
class FrameEmbedding {
 public:
  /// That are in memory at once, as inputs and as patches, however many a frame has.
  static constexpr std::size_t tiles_at_once = 4;

  /// Given patches of the next tiles of a frame, one tile after the other, without those that are
  /// ignored; may change them.
  using TakePatches = std::function<void(PatchMatrix& patches)>;

  FrameEmbedding(const PreprocessOptions& preprocess, std::unique_ptr<Backbone> backbone,
                 const PatchEmbeddingOptions& embedding);

  /// Whether frames may be cut into tiles, by the settings.
  bool has_tiles() const { return preprocess_.options().tile_size > 0; }

  /// The first stage alone, or of a frame that is larger than a tile a copy of what is seen of it.
  /// @p prepared may be embedded on another thread.
  /// @throws Error as check()
  void prepare(const ImageView& frame, const InspectedPart& part, PreparedFrame& prepared,
               Workspace& workspace) const;

  /// The stages after it, for one prepared frame or several of equal size. Leaves the features of
  /// the patches in workspace.patches, one frame after the other.
  /// @return the grid of each frame
  PatchGrid embed(const InputTensor& input, Workspace& workspace) const;

  /// All stages of a frame that is cut into tiles, few of them at once.
  /// @param frame  has PreparedFrame::tiles
  /// @param take   called on this thread, with workspace.patches
  void embed_tiles(const PreparedFrame& frame, Workspace& workspace, const TakePatches& take) const;

  /// Both, of the whole frame at once, whatever its size; the prepared one is left in
  /// workspace.prepared.
  /// @throws Error unsupported_frame if the frame is too small
  PatchGrid embed(const ImageView& frame, Workspace& workspace) const;

  const PreprocessOptions& preprocess() const { return preprocess_.options(); }

  /// PreparedFrame::ignored as prepare() sets it.
  /// @throws Error as check()
  IgnoredPatches ignored(const InspectedPart& part) const;

  /// What prepare() would see.
  /// @throws Error unsupported_frame if this part cannot be embedded, or the mask leaves nothing of
  /// it
  void check(const InspectedPart& part) const;

 private:
  void prepare_at_once(const ImageView& frame, const InspectedPart& part, PreparedFrame& prepared,
                       Workspace& workspace) const;
  IgnoredPatches ignored(const InspectedPart& part, const InputGeometry& geometry) const;
  std::shared_ptr<const TilePlan> plan(const InspectedPart& part, IgnoredPatches& ignored) const;

  /// Measured, once for each size of input, where the network does not say.
  PatchGrid grid(Size input) const;

  Preprocess preprocess_;
  std::unique_ptr<Backbone> backbone_;
  PatchEmbedding embedding_;
  mutable std::mutex grids_mutex_;
  mutable std::map<std::pair<int, int>, PatchGrid> grids_;  ///< under grids_mutex_: those measured

  /// Frames of a stream are usually alike, and share their plan.
  struct PlannedPart {
    InspectedPart part;
    IgnoredPatches ignored;
    std::shared_ptr<const TilePlan> plan;
  };
  mutable std::mutex planned_mutex_;
  mutable PlannedPart planned_;  ///< under planned_mutex_
};

}  // namespace patchcore
