// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patches of all training frames, in bounded memory.
#include "core/patch_collection.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <string>
#include <utility>

#include "core/calibration.h"
#include "core/coreset.h"
#include "core/error.h"
#include "core/memory_limit.h"

namespace patchcore {
namespace {

/// Patches that are thinned together: picking among more takes longer for each of them.
constexpr std::size_t rows_per_block = 16384;
/// Of a block, what is kept at least.
constexpr double share_of_block = 0.125;
/// Of what was kept of all blocks, when that is thinned again, in banks.
constexpr std::size_t banks_kept = 4;
/// For what thinning and building need beside the patches and their projection.
constexpr double share_for_patches = 0.9;
/// Frames must fit in between two thinnings.
constexpr std::size_t frames_at_least = 16;

/// As they came.
void number_frames(CollectedPatches& all) {
  all.frames.resize(all.layouts.size());
  std::iota(all.frames.begin(), all.frames.end(), 0);
}

/// Moves the held-out frames into a collection of their own; the rest closes up in place.
CollectedPatches take_held_out(CollectedPatches& collected, const std::vector<bool>& held_out) {
  CollectedPatches taken;
  CollectedPatches& kept = collected;
  std::size_t read_row = 0;
  std::size_t write_row = 0;
  std::vector<PatchLayout> kept_layouts;
  std::vector<std::int64_t> kept_frames;
  for (std::size_t frame = 0; frame < held_out.size(); ++frame) {
    const std::size_t rows = collected.layouts[frame].patches();
    if (held_out[frame]) {
      taken.patches.append(kept.patches, read_row, rows);
      taken.layouts.push_back(collected.layouts[frame]);
      taken.frames.push_back(collected.frames[frame]);
    } else {
      kept.patches.move(read_row, write_row, rows);
      write_row += rows;
      kept_layouts.push_back(collected.layouts[frame]);
      kept_frames.push_back(collected.frames[frame]);
    }
    read_row += rows;
  }
  kept.patches.truncate(write_row);
  kept.layouts = std::move(kept_layouts);
  kept.frames = std::move(kept_frames);
  return taken;
}

std::size_t row_bytes(const CoresetOptions& coreset, std::size_t columns, bool packed) {
  if (packed) return PatchRows::packed_row_bytes(columns, coreset);
  const std::size_t values =
      columns +
      (is_projected(columns, coreset) ? static_cast<std::size_t>(coreset.projection_dimension) : 0);
  return values * sizeof(float);
}

/// Drops every second frame.
void halve(CollectedPatches& frames) {
  std::vector<bool> dropped(frames.layouts.size());
  for (std::size_t i = 1; i < dropped.size(); i += 2) dropped[i] = true;
  take_held_out(frames, dropped);
}

}  // namespace

TrainingPatches split_held_out(CollectedPatches collected) {
  TrainingPatches split;
  split.patches = static_cast<std::int64_t>(collected.patches.rows());
  number_frames(collected);
  split.held_out = take_held_out(collected, held_out_frames(collected.layouts.size()));
  split.training = std::move(collected.patches);
  split.training_share = static_cast<std::int64_t>(split.training.rows());
  return split;
}

PatchCollection::PatchCollection(const CoresetOptions& coreset, std::uint64_t memory_limit,
                                 std::size_t rows_to_come)
    : coreset_(coreset),
      memory_limit_(memory_limit > 0 ? memory_limit : machine_memory() / 3),
      rows_to_come_(rows_to_come) {}

void PatchCollection::add(const PatchMatrix& patches, const PatchLayout& layout,
                          const ShareDone& progress) {
  try {
    if (capacity_ == 0) capacity_ = capacity_of(patches.columns, false);
    if (patches.rows * frames_at_least > capacity_) {
      throw Error(ErrorCode::invalid_argument,
                  "the memory limit of " + std::to_string(memory_limit_) +
                      " bytes is too small for frames of " + std::to_string(patches.rows) +
                      " patches: set it to " +
                      std::to_string(smallest_memory_limit(coreset_, patches.rows, patches.columns,
                                                           rows_to_come_)) +
                      " at least, or choose a smaller input size");
    }
    const std::size_t frame = frames_++;
    patches_ += static_cast<std::int64_t>(patches.rows);
    if (!thinned_) make_room_for(patches.rows, progress);
    if (!thinned_) {
      append(patches);
      collected_.layouts.push_back(layout);
      return;
    }
    if (is_held_out(frame, stretch_length_)) {
      if (held_out_candidates_++ % held_out_step_ == 0) {
        hold_out(patches, layout, static_cast<std::int64_t>(frame));
      }
      return;
    }
    training_share_ += static_cast<std::int64_t>(patches.rows);
    make_room_for(patches.rows, progress);
    append(patches);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "no memory left for the patches of frame " +
                                         std::to_string(frames_) +
                                         ": set a smaller memory-limit or larger interval");
  }
}

std::size_t PatchCollection::capacity_of(std::size_t columns, bool packed) const {
  const auto rows =
      static_cast<std::size_t>(share_for_patches * static_cast<double>(memory_limit_) /
                               static_cast<double>(row_bytes(coreset_, columns, packed)));
  return rows > rows_to_come_ ? rows - rows_to_come_ : 1;
}

std::uint64_t PatchCollection::smallest_memory_limit(const CoresetOptions& coreset,
                                                     std::size_t rows, std::size_t columns,
                                                     std::size_t rows_to_come) {
  const std::size_t all = (frames_at_least + 1) * rows + rows_to_come;
  return static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(all * row_bytes(coreset, columns, false)) / share_for_patches));
}

bool PatchCollection::must_thin_for(const PatchMatrix& patches) const {
  if (thinned_ || capacity_ == 0) return false;
  const std::size_t rows = collected_.patches.rows() + patches.rows;
  if (rows <= training_capacity()) return false;
  return packed() || !PatchRows::can_be_packed(patches.columns, coreset_) ||
         rows > capacity_of(patches.columns, true) / 4 * 3;
}

void PatchCollection::begin_thinning(const ShareDone& progress) {
  if (thinned_) return;
  pack_if_possible();
  make_room(progress);
}

bool PatchCollection::pack_if_possible() {
  const std::size_t columns = collected_.patches.columns();
  if (packed() || !PatchRows::can_be_packed(columns, coreset_)) return false;
  capacity_ = capacity_of(columns, true);
  collected_.patches.pack(coreset_, training_capacity() + rows_to_come_);
  return true;
}

void PatchCollection::append(const PatchMatrix& patches) {
  PatchRows& rows = collected_.patches;
  const std::size_t needed = rows.rows() + patches.rows;
  if (needed > rows.reserved_rows()) {
    // Growing copies: from a half on at once to the whole, which is not touched before it is used.
    const std::size_t all = training_capacity() + rows_to_come_;
    rows.reserve(2 * needed > all / 2 ? all : 2 * needed);
  }
  rows.append(patches);
}

void PatchCollection::make_room_for(std::size_t rows, const ShareDone& progress) {
  const auto full = [&] { return collected_.patches.rows() + rows > training_capacity(); };
  if (!full()) return;
  if (pack_if_possible() && !full()) return;
  make_room(progress);
}

void PatchCollection::make_room(const ShareDone& progress) {
  if (coreset_.sampler == SamplerKind::identity) {
    throw Error(ErrorCode::invalid_argument,
                "the patches of " + std::to_string(frames_) + " frames pass the memory limit of " +
                    std::to_string(memory_limit_) +
                    " bytes, and the sampler identity keeps them all: choose another sampler, a "
                    "larger memory limit or fewer frames");
  }
  if (!thinned_) {
    // The latest frame, which does not fit any more, is not among them.
    const std::vector<bool> held_out = held_out_frames(collected_.layouts.size());
    stretch_length_ = held_out_stretch(collected_.layouts.size());
    number_frames(collected_);
    held_out_ = take_held_out(collected_, held_out);
    held_out_candidates_ = held_out_.layouts.size();
    collected_.layouts.clear();
    collected_.frames.clear();
    training_share_ = static_cast<std::int64_t>(collected_.patches.rows());
    thinned_ = true;
  }
  thin_blocks(progress);
  if (thinned_rows_ > training_capacity() / 2) thin_all(progress);
}

void PatchCollection::thin_blocks(const ShareDone& progress) {
  PatchRows& rows = collected_.patches;
  const double share = std::max(share_of_block, coreset_.ratio);
  std::size_t write_row = thinned_rows_;
  for (std::size_t first = thinned_rows_; first < rows.rows(); first += rows_per_block) {
    const std::size_t count = std::min(rows_per_block, rows.rows() - first);
    const auto kept = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count)));
    write_row = keep(first, rows.select(first, count, kept, coreset_, progress), write_row);
  }
  rows.truncate(write_row);
  thinned_rows_ = write_row;
}

void PatchCollection::thin_all(const ShareDone& progress) {
  PatchRows& rows = collected_.patches;
  std::size_t kept = rows.rows() / 2;
  if (coreset_.max_patches > 0) {
    kept = std::min(kept, banks_kept * static_cast<std::size_t>(coreset_.max_patches));
  }
  keep(0, rows.select(0, rows.rows(), static_cast<std::int64_t>(kept), coreset_, progress), 0);
  rows.truncate(kept);
  thinned_rows_ = kept;
}

std::size_t PatchCollection::keep(std::size_t first, std::vector<std::int64_t> chosen,
                                  std::size_t write_row) {
  // In place, from the front.
  std::sort(chosen.begin(), chosen.end());
  for (const std::int64_t row : chosen) {
    collected_.patches.move(first + static_cast<std::size_t>(row), write_row++, 1);
  }
  return write_row;
}

void PatchCollection::hold_out(const PatchMatrix& patches, const PatchLayout& layout,
                               std::int64_t frame) {
  PatchRows& rows = held_out_.patches;
  while (rows.rows() + patches.rows > held_out_capacity() && held_out_.layouts.size() > 1) {
    halve(held_out_);
    held_out_step_ *= 2;
  }
  if (rows.rows() + patches.rows > rows.reserved_rows()) rows.reserve(held_out_capacity());
  rows.append(patches);
  held_out_.layouts.push_back(layout);
  held_out_.frames.push_back(frame);
}

std::size_t PatchCollection::bytes() const {
  return collected_.patches.bytes() + held_out_.patches.bytes();
}

TrainingPatches PatchCollection::take() {
  TrainingPatches taken;
  if (thinned_) {
    taken.training = std::move(collected_.patches);
    taken.held_out = std::move(held_out_);
    taken.patches = patches_;
    taken.training_share = training_share_;
    taken.thinned = true;
  } else {
    taken = split_held_out(std::move(collected_));
  }
  collected_ = {};
  held_out_ = {};
  return taken;
}

}  // namespace patchcore
