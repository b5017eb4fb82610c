// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What an ensemble scored its held-out frames, for one that takes over its patches.
#pragma once

#include <cstddef>
#include <vector>

#include "core/bank_file.h"
#include "core/score_combination.h"

namespace patchcore {

/// Keeps the scores of an ensemble's held-out frames, so that they count for the threshold of an
/// ensemble with other statistics. Nothing is kept where a distance within the bank stood in for
/// them.
class EnsembleScores {
 public:
  explicit EnsembleScores(const BankEnsemble& ensemble);

  /// Takes other scores of the same frames by a member, as they are once patches have joined its
  /// bank. Without effect where scores are not combined anew.
  /// @param scores  one a frame
  void update_member(std::size_t member, std::vector<float> scores);

  /// As the frames would score with other statistics of the members: each frame's scores by the
  /// members are combined anew. A file doesn't say which frame a score belongs to. Where the
  /// members' scores don't come to the ensemble's by its own statistics, because its threshold was
  /// computed again from other frames, or memory made its members hold out others, the ensemble's
  /// scores are returned as they are, which is to say relative to its own members' thresholds.
  std::vector<float> combined_by(const ScoreCombination& combination) const;

 private:
  std::vector<std::vector<float>> members_;  ///< [member][frame]; empty if they can't be combined
  std::vector<float> combined_;
};

}  // namespace patchcore
