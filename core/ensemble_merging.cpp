// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One ensemble of several that were trained apart, on shards of one set of frames.
#include "core/ensemble_merging.h"

#include <cstddef>
#include <utility>

#include "core/bank_building.h"
#include "core/calibration.h"
#include "core/ensemble_scores.h"
#include "core/ensemble_settings.h"
#include "core/error.h"
#include "core/score_combination.h"

namespace patchcore {
namespace {

void check_members(const std::vector<BankEnsemble>& shards, const std::vector<std::string>& paths) {
  for (std::size_t i = 1; i < shards.size(); ++i) {
    const std::size_t first = shards[0].members.size();
    const std::size_t other = shards[i].members.size();
    if (first == other) continue;
    throw Error(ErrorCode::invalid_argument,
                "\"" + paths[0] + "\" and \"" + paths[i] + "\" cannot be merged: they have " +
                    std::to_string(first) + " and " + std::to_string(other) +
                    " members; train both with the same settings");
  }
}

/// Gives each shard its frames' scores by a member as they are with the merged bank.
/// @param frames  that the shards' banks have scored
/// @param merged  scores of the merged bank, the shards' one after the other
void update_member(std::vector<EnsembleScores>& shards, std::size_t member,
                   const std::vector<std::size_t>& frames, const std::vector<float>& merged) {
  auto begin = merged.begin();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (frames[i] == 0) continue;
    const auto end = begin + static_cast<std::ptrdiff_t>(frames[i]);
    shards[i].update_member(member, {begin, end});
    begin = end;
  }
}

/// Of the merged members.
Calibration calibrate_merged(const std::vector<BankFile>& members,
                             const std::vector<EnsembleScores>& shards) {
  std::vector<Calibration> calibrations;
  std::vector<double> smallest;
  std::vector<double> stand_ins;
  for (const BankFile& member : members) {
    calibrations.push_back(member.calibration);
    smallest.push_back(rounding_score(member.bank, member.scoring));
    stand_ins.push_back(member.calibration.scores.front());
  }
  const ScoreCombination combination(calibrations);
  std::vector<float> scores;
  for (const EnsembleScores& shard : shards) {
    const std::vector<float> of_shard = shard.combined_by(combination);
    scores.insert(scores.end(), of_shard.begin(), of_shard.end());
  }
  // No shard has scored a frame: each member has a distance within its bank instead.
  const bool of_frames = !scores.empty();
  if (!of_frames) scores.push_back(static_cast<float>(combination.score(stand_ins)));
  Calibration merged = calibrate(std::move(scores), combination.score(smallest));
  merged.of_frames = of_frames;
  return merged;
}

}  // namespace

BankEnsemble merge_ensembles(std::vector<BankEnsemble> shards,
                             const std::vector<std::string>& paths,
                             const BankMergingOptions& options) {
  check_members(shards, paths);
  const std::size_t count = shards.empty() ? 1 : shards.front().members.size();
  std::vector<EnsembleScores> scores;
  for (const BankEnsemble& shard : shards) scores.emplace_back(shard);
  const std::vector<std::string> weights = split_for_members("weights", options.weights, count);

  BankEnsemble merged;
  for (std::size_t member = 0; member < count; ++member) {
    std::vector<BankFile> banks;
    std::vector<std::size_t> frames;
    for (BankEnsemble& shard : shards) {
      BankFile& bank = shard.members[member];
      frames.push_back(bank.calibration.of_frames ? bank.calibration.scores.size() : 0);
      banks.push_back(std::move(bank));
    }
    BankMergingOptions of_member = options;
    of_member.weights = weights[member];
    merged.members.push_back(merge_banks(std::move(banks), paths, of_member));
    update_member(scores, member, frames, merged.members.back().calibration.scores);
  }
  if (count == 1) return BankEnsemble::of(std::move(merged.members.front()));
  merged.calibration = calibrate_merged(merged.members, scores);
  return merged;
}

}  // namespace patchcore
