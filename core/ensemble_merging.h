// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One ensemble of several that were trained apart, on shards of one set of frames.
#pragma once

#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/bank_merging.h"

namespace patchcore {

/// merge_banks() for each member, and for what has one. The first members of all are merged, the
/// second ones, and so on; each gets the statistics of all held-out scores by that member, which
/// normalize its score from then on. The ensemble's threshold is that of the held-out frames'
/// combined scores, as EnsembleScores combines them by the new statistics.
///
/// @param shards   ensembles of the same members, or single banks
/// @param paths    of the shards, for messages
/// @param options  the number of patches is that of each member; weights of an ensemble as in
///                 DetectorOptions
/// @throws Error as merge_banks(), also for ensembles of different members
BankEnsemble merge_ensembles(std::vector<BankEnsemble> shards,
                             const std::vector<std::string>& paths,
                             const BankMergingOptions& options);

}  // namespace patchcore
