// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patches of all training frames, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/options.h"
#include "core/patch_blending.h"
#include "core/patch_rows.h"
#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// Patches of many frames, one frame after the other.
struct CollectedPatches {
  PatchRows patches;
  std::vector<PatchLayout> layouts;  ///< one a frame; its grid's area is the number of rows
  /// The numbers of frames that were held out, from 0 in the order in which all came.
  std::vector<std::int64_t> frames = {};
};

/// What a bank is made of.
struct TrainingPatches {
  PatchRows training;               ///< of the frames that were not held out
  CollectedPatches held_out;        ///< whole frames
  std::int64_t patches = 0;         ///< of all frames, before any thinning
  std::int64_t training_share = 0;  ///< of these, those of frames that were not held out
  bool thinned = false;
};

/// Holds out the frames that held_out_frames() says.
TrainingPatches split_held_out(CollectedPatches collected);

/// Collects the patches of a stream of frames. When they would pass the limit, they are first
/// packed into half precision, if that leaves the sampler's choice as it is (PatchRows), which
/// makes room for a third more patches of 152 values and four fifths more of 1024. When that is
/// full, they are thinned by the sampler's own rule, in blocks of neighbouring frames, and what is
/// kept of all blocks again when that grows too large (merge and reduce). From then on frames are
/// held out as they come, in stretches as long as those before; when too many are held out, every
/// second one is dropped. As long as the limit is not reached, nothing is lost, not even a bit.
class PatchCollection {
 public:
  /// @param memory_limit  bytes, of the patches and of what thinning them takes; 0: a third of
  ///                      machine_memory()
  /// @param rows_to_come  rows that the caller will append to TrainingPatches::training: the limit
  ///                      counts them, and room is left for them
  PatchCollection(const CoresetOptions& coreset, std::uint64_t memory_limit,
                  std::size_t rows_to_come = 0);

  /// @param progress  called while patches are thinned; may throw Error cancelled
  /// @throws Error invalid_argument if the limit is too small for such a frame, or is reached with
  ///         SamplerKind::identity, which keeps all; no_space
  void add(const PatchMatrix& patches, const PatchLayout& layout, const ShareDone& progress = {});

  /// Whether add() would begin to thin. Not any more once it has.
  bool must_thin_for(const PatchMatrix& patches) const;

  /// Begins to thin before the limit is reached, unless it has begun already.
  /// @throws Error as add()
  void begin_thinning(const ShareDone& progress = {});

  /// The smallest limit that add() takes frames of so many patches with.
  static std::uint64_t smallest_memory_limit(const CoresetOptions& coreset, std::size_t rows,
                                             std::size_t columns, std::size_t rows_to_come = 0);

  std::size_t bytes() const;  ///< of the patches that are held now
  bool thinned() const { return thinned_; }
  bool packed() const { return collected_.patches.packed(); }

  /// Leaves the collection empty.
  TrainingPatches take();

 private:
  std::size_t training_capacity() const { return capacity_ / 4 * 3; }
  std::size_t held_out_capacity() const { return capacity_ / 4; }
  std::size_t capacity_of(std::size_t columns, bool packed) const;
  void append(const PatchMatrix& patches);
  bool pack_if_possible();
  void make_room_for(std::size_t rows, const ShareDone& progress);
  void make_room(const ShareDone& progress);
  void thin_blocks(const ShareDone& progress);
  void thin_all(const ShareDone& progress);
  /// Moves chosen rows, counted from @p first, to @p write_row and on.
  /// @return the row behind them
  std::size_t keep(std::size_t first, std::vector<std::int64_t> chosen, std::size_t write_row);
  void hold_out(const PatchMatrix& patches, const PatchLayout& layout, std::int64_t frame);

  const CoresetOptions coreset_;
  const std::uint64_t memory_limit_;
  const std::size_t rows_to_come_;
  std::size_t capacity_ = 0;  ///< rows, of both below together

  CollectedPatches collected_;       ///< all frames; once thinned, the rows of the training frames
  std::size_t thinned_rows_ = 0;     ///< of these, from the first
  std::size_t frames_ = 0;           ///< added
  std::int64_t patches_ = 0;         ///< added
  std::int64_t training_share_ = 0;  ///< of these, of frames that were not held out; once thinned
  bool thinned_ = false;

  // Once thinned.
  CollectedPatches held_out_;
  std::size_t stretch_length_ = 1;
  std::size_t held_out_candidates_ = 0;
  std::size_t held_out_step_ = 1;  ///< every so manieth candidate is kept
};

}  // namespace patchcore
