// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patches of all training frames by every member of an ensemble, in bounded memory.
#include "core/patch_collections.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/memory_limit.h"

namespace patchcore {

PatchCollections::PatchCollections(std::size_t members, const CoresetOptions& coreset,
                                   std::uint64_t memory_limit,
                                   std::vector<std::size_t> rows_to_come)
    : members_(members),
      coreset_(coreset),
      memory_limit_(memory_limit > 0 ? memory_limit : machine_memory() / 3),
      rows_to_come_(rows_to_come.empty() ? std::vector<std::size_t>(members)
                                         : std::move(rows_to_come)) {}

/// The first frame tells how much memory each member's patches take.
void PatchCollections::make_collections(const std::vector<PatchMatrix>& patches) {
  std::uint64_t least = 0;
  std::vector<std::uint64_t> least_of;
  for (std::size_t i = 0; i < members_; ++i) {
    const PatchMatrix& frame = patches[i];
    least_of.push_back(PatchCollection::smallest_memory_limit(coreset_, frame.rows, frame.columns,
                                                              rows_to_come_[i]));
    least += least_of.back();
  }
  if (members_ > 1 && memory_limit_ < least) {
    throw Error(ErrorCode::invalid_argument,
                "the memory limit of " + std::to_string(memory_limit_) +
                    " bytes is too small for an ensemble of " + std::to_string(members_) +
                    " and such frames: set it to " + std::to_string(least) +
                    " at least, or choose a smaller input size");
  }
  for (std::size_t i = 0; i < members_; ++i) {
    const std::uint64_t own = least_of[i];
    const double share = static_cast<double>(own) / static_cast<double>(least);
    // Rounding must not take a byte that the smallest limit needs.
    const std::uint64_t limit =
        members_ == 1
            ? memory_limit_
            : std::max(own, static_cast<std::uint64_t>(share * static_cast<double>(memory_limit_)));
    collections_.emplace_back(coreset_, limit, rows_to_come_[i]);
  }
}

void PatchCollections::add(const std::vector<PatchMatrix>& patches, const ShareDone& progress,
                           const std::shared_ptr<const PatchBlending>& blending) {
  if (collections_.empty()) make_collections(patches);
  bool thins = false;
  for (std::size_t member = 0; member < members_; ++member) {
    thins = thins || collections_[member].must_thin_for(patches[member]);
  }
  for (std::size_t member = 0; member < members_; ++member) {
    if (thins && members_ > 1) collections_[member].begin_thinning(progress);
    // What is left of a frame need not fill a grid; only the number of patches counts.
    const PatchGrid row = {1, static_cast<int>(patches[member].rows)};
    collections_[member].add(patches[member], {row, blending}, progress);
  }
}

std::size_t PatchCollections::bytes() const {
  std::size_t all = 0;
  for (const PatchCollection& collection : collections_) all += collection.bytes();
  return all;
}

TrainingPatches PatchCollections::take(std::size_t member) {
  if (collections_.empty()) return {};
  return collections_[member].take();
}

}  // namespace patchcore
