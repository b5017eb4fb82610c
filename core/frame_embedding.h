// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The part of the way that training and detection share: from a frame to its patch features.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "core/backbone/backbone.h"
#include "core/inspection_area.h"
#include "core/patch_embedding.h"
#include "core/preprocess.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// Preprocess, backbone and patch embedding in a row. Never changes; any thread, each with a
/// Workspace of its own.
class FrameEmbedding {
 public:
  FrameEmbedding(const PreprocessOptions& preprocess, std::unique_ptr<Backbone> backbone,
                 const PatchEmbeddingOptions& embedding);

  /// The first stage alone. @p prepared may be embedded on another thread.
  /// @throws Error as check()
  void prepare(const ImageView& frame, const InspectedPart& part, PreparedFrame& prepared,
               Workspace& workspace) const;

  /// The stages after it, for one prepared frame or several of equal size. Leaves the features of
  /// the patches in workspace.patches, one frame after the other.
  /// @return the grid of each frame
  PatchGrid embed(const InputTensor& input, Workspace& workspace) const;

  /// Both, of the whole frame; the prepared one is left in workspace.prepared.
  /// @throws Error unsupported_frame if the frame is too small
  PatchGrid embed(const ImageView& frame, Workspace& workspace) const;

  /// What prepare() would see.
  /// @throws Error unsupported_frame if this part cannot be embedded, or the mask leaves nothing of
  /// it
  void check(const InspectedPart& part) const;

 private:
  IgnoredPatches ignored(const InspectedPart& part, const InputGeometry& geometry) const;

  /// Measured, once for each size of input, where the network does not say.
  PatchGrid grid(Size input) const;

  Preprocess preprocess_;
  std::unique_ptr<Backbone> backbone_;
  PatchEmbedding embedding_;
  mutable std::mutex grids_mutex_;
  mutable std::map<std::pair<int, int>, PatchGrid> grids_;  ///< under grids_mutex_: those measured
};

}  // namespace patchcore
