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

/// Moves the held-out frames into a collection of their own; the rest closes up in place.
CollectedPatches take_held_out(CollectedPatches& collected, const std::vector<bool>& held_out) {
  CollectedPatches taken;
  taken.patches.columns = collected.patches.columns;
  CollectedPatches& kept = collected;
  const std::size_t columns = collected.patches.columns;
  std::size_t read_row = 0;
  std::size_t write_row = 0;
  std::vector<PatchGrid> kept_grids;
  for (std::size_t frame = 0; frame < held_out.size(); ++frame) {
    const std::size_t rows = grid_rows(collected.grids[frame]);
    const float* begin = kept.patches.row(read_row);
    if (held_out[frame]) {
      taken.patches.values.insert(taken.patches.values.end(), begin, begin + rows * columns);
      taken.patches.rows += rows;
      taken.grids.push_back(collected.grids[frame]);
    } else {
      if (read_row != write_row) {
        std::copy(begin, begin + rows * columns, kept.patches.row(write_row));
      }
      write_row += rows;
      kept_grids.push_back(collected.grids[frame]);
    }
    read_row += rows;
  }
  kept.patches.rows = write_row;
  kept.patches.values.resize(write_row * columns);
  kept.grids = std::move(kept_grids);
  return taken;
}

void append_rows(PatchMatrix& target, const PatchMatrix& source,
                 const std::vector<std::int64_t>& rows) {
  target.columns = source.columns;
  target.values.reserve(target.values.size() + rows.size() * source.columns);
  for (const std::int64_t index : rows) {
    const float* row = source.row(static_cast<std::size_t>(index));
    target.values.insert(target.values.end(), row, row + source.columns);
  }
  target.rows += rows.size();
}

std::vector<float> score_frames(const CollectedPatches& frames, const PatchMatrix& bank,
                                const ScoringOptions& options, const BuildingProgress& progress) {
  const auto index = make_nearest_neighbours(bank, IndexKind::automatic);
  const Scoring scoring(options, bank, *index);
  std::vector<float> scores;
  PatchMatrix patches;
  Neighbours neighbours;
  std::size_t first_row = 0;
  for (const PatchGrid grid : frames.grids) {
    progress(BuildingStep::calibration, static_cast<double>(scores.size()) / frames.grids.size());
    patches.rows = grid_rows(grid);
    patches.columns = frames.patches.columns;
    const float* begin = frames.patches.row(first_row);
    patches.values.assign(begin, begin + patches.rows * patches.columns);
    scores.push_back(static_cast<float>(scoring.score(patches, grid, neighbours).score));
    first_row += patches.rows;
  }
  return scores;
}

/// The largest distance of a patch of the bank to another one, in the unit of the score mode.
float largest_inner_distance(const PatchMatrix& bank, const ScoringOptions& options) {
  if (bank.rows < 2) return 0;
  Neighbours neighbours;
  make_nearest_neighbours(bank, IndexKind::automatic)->search(bank, 2, neighbours);
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
std::vector<float> calibration_scores(const CollectedPatches& held_out, const PatchMatrix& bank,
                                      const ScoringOptions& scoring,
                                      const BuildingProgress& progress) {
  if (held_out.grids.empty()) return {largest_inner_distance(bank, scoring)};
  return score_frames(held_out, bank, scoring, progress);
}

}  // namespace

BuiltBank build_bank(CollectedPatches collected, const CoresetOptions& coreset,
                     const ScoringOptions& scoring, const BuildingProgress& progress) {
  const auto all_rows = static_cast<std::int64_t>(collected.patches.rows);
  const std::int64_t target = coreset_size(coreset, all_rows);
  if (scoring.neighbours > target) {
    throw Error(ErrorCode::invalid_argument,
                "a score of " + std::to_string(scoring.neighbours) +
                    " neighbours needs a bank of " + "at least as many patches, not of " +
                    std::to_string(target) +
                    ": collect more frames, or set a larger coreset ratio or fewer neighbours");
  }
  const CollectedPatches held_out =
      take_held_out(collected, held_out_frames(collected.grids.size()));
  const auto kept_rows = static_cast<std::int64_t>(collected.patches.rows);

  // The held-out frames' share of the bank is left for them.
  const std::int64_t first_target = std::max<std::int64_t>(
      scoring.neighbours,
      static_cast<std::int64_t>(static_cast<double>(target) * kept_rows / all_rows));
  BuiltBank built;
  append_rows(built.bank, collected.patches,
              select_coreset(collected.patches, first_target, coreset,
                             [&](double share) { progress(BuildingStep::coreset, share); }));
  collected = {};

  built.calibration = calibrate(
      calibration_scores(held_out, built.bank, scoring,
                         [&](BuildingStep step, double share) { progress(step, 0.5 * share); }));
  built.calibration.threshold =
      std::max(built.calibration.threshold, rounding_distance(built.bank, scoring));
  if (held_out.grids.empty()) return built;
  append_rows(built.bank, held_out.patches,
              extend_coreset(
                  built.bank, held_out.patches, target - first_target, coreset,
                  [&](double share) { progress(BuildingStep::calibration, 0.5 + 0.5 * share); }));
  return built;
}

}  // namespace patchcore
