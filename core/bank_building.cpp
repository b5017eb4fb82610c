// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From the collected patches to a thinned memory bank with its calibration.
#include "core/bank_building.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/coreset.h"
#include "core/error.h"
#include "core/nearest_neighbours.h"
#include "core/scoring.h"

namespace patchcore {
namespace {

std::size_t grid_rows(PatchGrid grid) {
  return static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width);
}

void append_rows(PatchMatrix& target, const PatchMatrix& source) {
  target.values.insert(target.values.end(), source.values.begin(), source.values.end());
  target.rows += source.rows;
}

/// What the held-out frames say.
struct HeldOutResults {
  std::vector<float> scores;
  std::optional<SearchRecall> recall;  ///< of an approximate index
};

HeldOutResults score_frames(const CollectedPatches& frames, const PatchMatrix& bank,
                            const ScoringOptions& options, IndexKind kind,
                            const BuildingProgress& progress) {
  const auto index = make_nearest_neighbours(bank, kind);
  const auto exact_index =
      is_approximate(kind) ? make_nearest_neighbours(bank, IndexKind::automatic) : nullptr;
  const Scoring scoring(options, bank, *index);
  HeldOutResults results;
  std::vector<float>& scores = results.scores;
  RecallMeasurement recall;
  Neighbours neighbours;
  Neighbours exact;
  std::size_t first_row = 0;
  for (const PatchGrid grid : frames.grids) {
    progress(BuildingStep::calibration, static_cast<double>(scores.size()) / frames.grids.size());
    const PatchMatrix patches = frames.patches.features(first_row, grid_rows(grid));
    const double score = scoring.score(patches, grid, neighbours).score;
    scores.push_back(static_cast<float>(score));
    first_row += patches.rows;
    if (!exact_index) continue;
    const double exact_score =
        Scoring(options, bank, *exact_index).score(patches, grid, exact).score;
    recall.add({neighbours, score, exact, exact_score});
  }
  if (exact_index) results.recall = recall.result();
  return results;
}

/// The largest distance of a patch of the bank to another one, in the unit of the score mode.
float largest_inner_distance(const PatchMatrix& bank, const ScoringOptions& options,
                             IndexKind index) {
  if (bank.rows < 2) return 0;
  Neighbours neighbours;
  make_nearest_neighbours(bank, index)->search(bank, 2, neighbours);
  float largest = 0;
  for (std::size_t row = 0; row < bank.rows; ++row) {
    largest = std::max(largest, neighbours.distances[2 * row + 1]);
  }
  return options.mode == ScoreMode::paper ? std::sqrt(largest) : largest;
}

/// The distance that rounding alone can make between equal pictures, in the unit of the score mode:
/// a thousandth of a feature's length. Frames without any noise, as from a test source, would
/// otherwise put the threshold at zero.
double rounding_distance(const PatchMatrix& bank, const ScoringOptions& options) {
  double squared_lengths = 0;
  for (const float value : bank.values) squared_lengths += static_cast<double>(value) * value;
  const double squared = 1e-6 * squared_lengths / static_cast<double>(bank.rows);
  return options.mode == ScoreMode::paper ? std::sqrt(squared) : squared;
}

/// Scores the held-out frames; a single frame's patches stand in where none was held out.
HeldOutResults score_held_out(const CollectedPatches& held_out, const PatchMatrix& bank,
                              const ScoringOptions& scoring, IndexKind index,
                              const BuildingProgress& progress) {
  if (held_out.grids.empty()) return {{largest_inner_distance(bank, scoring, index)}, {}};
  return score_frames(held_out, bank, scoring, index, progress);
}

}  // namespace

BuiltBank build_bank(TrainingPatches collected, const CoresetOptions& coreset,
                     const ScoringOptions& scoring, IndexKind index,
                     const BuildingProgress& progress) {
  const CollectedPatches held_out = std::move(collected.held_out);
  const auto training_rows = static_cast<std::int64_t>(collected.training.rows());
  const auto held_out_rows = static_cast<std::int64_t>(held_out.patches.rows());
  const std::int64_t target =
      std::min(coreset_size(coreset, collected.patches), training_rows + held_out_rows);
  if (scoring.neighbours > target) {
    throw Error(ErrorCode::invalid_argument,
                "a score of " + std::to_string(scoring.neighbours) +
                    " neighbours needs a bank of " + "at least as many patches, not of " +
                    std::to_string(target) +
                    ": collect more frames, or set a larger coreset ratio or fewer neighbours");
  }

  // The held-out frames' share of the bank is left for them.
  const auto training_target = static_cast<std::int64_t>(
      static_cast<double>(target) * static_cast<double>(collected.training_share) /
      static_cast<double>(collected.patches));
  const std::int64_t first_target = std::clamp<std::int64_t>(
      training_target, std::min<std::int64_t>(scoring.neighbours, training_rows), training_rows);
  check_bank_size(index, static_cast<std::size_t>(first_target));
  BuiltBank built;
  const std::vector<std::int64_t> picks =
      collected.training.select(0, collected.training.rows(), first_target, coreset,
                                [&](double share) { progress(BuildingStep::coreset, share); });
  built.bank = collected.training.features(picks);
  const PatchMatrix points = collected.training.points(picks);
  collected = {};

  HeldOutResults results =
      score_held_out(held_out, built.bank, scoring, index,
                     [&](BuildingStep step, double share) { progress(step, 0.5 * share); });
  built.recall = results.recall;
  built.calibration = calibrate(std::move(results.scores));
  built.calibration.threshold =
      std::max(built.calibration.threshold, rounding_distance(built.bank, scoring));
  if (held_out.grids.empty()) return built;
  append_rows(built.bank,
              held_out.patches.features(held_out.patches.extend(
                  built.bank, points, std::min(target - first_target, held_out_rows), coreset,
                  [&](double share) { progress(BuildingStep::calibration, 0.5 + 0.5 * share); })));
  return built;
}

Calibration guess_calibration(const PatchMatrix& bank, const ScoringOptions& scoring) {
  Calibration calibration =
      calibrate({largest_inner_distance(bank, scoring, IndexKind::automatic)});
  calibration.threshold = std::max(calibration.threshold, rounding_distance(bank, scoring));
  return calibration;
}

}  // namespace patchcore
