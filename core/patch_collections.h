// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patches of all training frames by every member of an ensemble, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/options.h"
#include "core/patch_blending.h"
#include "core/patch_collection.h"
#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// One PatchCollection for each member. All hold out the same frames, so that these have a score by
/// every member: when one reaches its share of the memory and begins to thin, so do the others. The
/// shares are as large as a frame's patches, so that this is near for all of them.
class PatchCollections {
 public:
  /// @param members       one or more
  /// @param memory_limit  bytes, of all together; 0: a third of machine_memory()
  /// @param rows_to_come  as PatchCollection, of each member; empty: none
  PatchCollections(std::size_t members, const CoresetOptions& coreset, std::uint64_t memory_limit,
                   std::vector<std::size_t> rows_to_come = {});

  /// @param patches   of one frame, by each member
  /// @param blending  how they lie, if not each at its own position
  /// @throws Error as PatchCollection::add()
  void add(const std::vector<PatchMatrix>& patches, const ShareDone& progress = {},
           const std::shared_ptr<const PatchBlending>& blending = nullptr);

  std::size_t bytes() const;  ///< of the patches that are held now

  /// Leaves the member's collection empty.
  TrainingPatches take(std::size_t member);

 private:
  void make_collections(const std::vector<PatchMatrix>& patches);

  const std::size_t members_;
  const CoresetOptions coreset_;
  const std::uint64_t memory_limit_;
  const std::vector<std::size_t> rows_to_come_;
  std::vector<PatchCollection> collections_;  ///< from the first frame on, one a member
};

}  // namespace patchcore
