// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One memory bank of several that were trained apart, on shards of one set of frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bank_file.h"

namespace patchcore {

struct BankMergingOptions {
  /// Patches to keep; nothing: what a single training with the first bank's settings would keep.
  std::optional<std::int64_t> patches;
  std::string weights;             ///< for banks that hold none; empty: searched for
  bool allow_torchscript = false;  ///< see BackboneOptions
};

/// Unites the patches and thins them greedily, whatever the sampler, to what the first bank's
/// coreset settings ask. Every
/// patch of the shards is then as near to the new bank as greedy picking brings it, so that merging
/// in another order or in steps gives a bank that covers the same within the sum of the covering
/// radii.
///
/// The threshold is that of all held-out scores together, each lowered by the patches that the
/// other shards bring. Where a shard has kept no patches of its held-out frames (HeldOutPatches),
/// its scores stay those against its own smaller bank and are rather too high: recalibrate then,
/// with good frames that no shard has seen.
///
/// @param paths  of the shards, for messages
/// @throws Error invalid_argument for fewer than two shards, for settings that differ, and for a
/// number of patches that the shards do not have; what loading the backbone throws
BankFile merge_banks(std::vector<BankFile> shards, const std::vector<std::string>& paths,
                     const BankMergingOptions& options);

}  // namespace patchcore
