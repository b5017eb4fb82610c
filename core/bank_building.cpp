// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From the collected patches to a thinned memory bank with its calibration.
#include "core/bank_building.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "core/coreset.h"
#include "core/distances.h"
#include "core/error.h"
#include "core/nearest_neighbours.h"
#include "core/patch_matrix.h"
#include "core/scoring.h"

namespace patchcore {
namespace {

/// What the held-out frames say.
struct HeldOutResults {
  std::vector<float> scores;
  HeldOutPatches patches;
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
  for (const PatchLayout& layout : frames.layouts) {
    progress(BuildingStep::calibration, static_cast<double>(scores.size()) / frames.layouts.size());
    const PatchMatrix patches = frames.patches.features(first_row, layout.patches());
    const double score = scoring.score(patches, layout, neighbours).score;
    add_held_out_frame(results.patches, static_cast<std::int64_t>(scores.size()), patches,
                       neighbours);
    scores.push_back(static_cast<float>(score));
    // Not after each: all are looked through.
    if (scores.size() % held_out_frames_kept == 0) keep_highest_frames(results.patches, scores);
    first_row += patches.rows;
    if (!exact_index) continue;
    const double exact_score =
        Scoring(options, bank, *exact_index).score(patches, layout, exact).score;
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

void check_earlier(const PatchRows& training, const EarlierBank& earlier) {
  if (earlier.patches.rows == 0 || training.columns() == earlier.patches.columns) return;
  throw Error(ErrorCode::invalid_argument, "patches of " + std::to_string(training.columns()) +
                                               " values can't continue a memory bank of " +
                                               std::to_string(earlier.patches.columns));
}

/// A coreset, and where it is extended by points, these.
struct Chosen {
  PatchMatrix features;
  PatchMatrix points;
  std::vector<std::size_t> collected;  ///< rows that are not the earlier bank's
};

/// Chooses among the collected patches and the earlier bank's.
/// @param training  consumed
/// @param earlier_share  of all patches that both stand for, those that the earlier bank does
Chosen choose_training(PatchRows training, PatchMatrix earlier, double earlier_share,
                       std::int64_t wanted, const CoresetOptions& coreset,
                       const ShareDone& progress) {
  Chosen chosen;
  const auto new_rows = static_cast<std::int64_t>(training.rows());
  if (is_greedy(coreset.sampler)) {
    if (earlier.rows > 0) {
      // Growing by itself, it could double.
      training.reserve(training.rows() + earlier.rows);
      training.append(earlier);
      earlier = {};
    }
    const std::vector<std::int64_t> picks =
        training.select(0, training.rows(), wanted, coreset, progress);
    chosen.features = training.features(picks);
    chosen.points = training.points(picks);
    for (std::size_t i = 0; i < picks.size(); ++i) {
      if (picks[i] < new_rows) chosen.collected.push_back(i);
    }
    return chosen;
  }
  // These samplers don't see what is there already: the earlier bank keeps its share, and all where
  // all are kept.
  const auto earlier_rows = static_cast<std::int64_t>(earlier.rows);
  const double share = coreset.sampler == SamplerKind::identity ? 1 : earlier_share;
  const std::int64_t of_earlier =
      std::clamp(static_cast<std::int64_t>(std::llround(share * static_cast<double>(wanted))),
                 std::max<std::int64_t>(0, wanted - new_rows), std::min(wanted, earlier_rows));
  if (earlier_rows > 0) {
    const PatchRows rows(std::move(earlier));
    chosen.features = rows.features(rows.select(0, rows.rows(), of_earlier, coreset, progress));
  }
  chosen.features.columns = training.columns();
  append_rows(chosen.features, training.features(training.select(
                                   0, training.rows(), wanted - of_earlier, coreset, progress)));
  chosen.collected.resize(static_cast<std::size_t>(wanted - of_earlier));
  std::iota(chosen.collected.begin(), chosen.collected.end(), static_cast<std::size_t>(of_earlier));
  return chosen;
}

}  // namespace

BuiltBank build_bank(TrainingPatches collected, const CoresetOptions& coreset,
                     const ScoringOptions& scoring, IndexKind index,
                     const BuildingProgress& progress, EarlierBank earlier) {
  check_earlier(collected.training, earlier);
  const CollectedPatches held_out = std::move(collected.held_out);
  const auto training_rows =
      static_cast<std::int64_t>(collected.training.rows() + earlier.patches.rows);
  const auto held_out_rows = static_cast<std::int64_t>(held_out.patches.rows());
  const std::int64_t patches = collected.patches + earlier.collected;
  const std::int64_t training_share = collected.training_share + earlier.collected;
  const std::int64_t target =
      std::min(coreset_size(coreset, patches), training_rows + held_out_rows);
  if (scoring.neighbours > target) {
    throw Error(ErrorCode::invalid_argument,
                "a score of " + std::to_string(scoring.neighbours) +
                    " neighbours needs a bank of " + "at least as many patches, not of " +
                    std::to_string(target) +
                    ": collect more frames, or set a larger coreset ratio or fewer neighbours");
  }

  // The held-out frames' share of the bank is left for them.
  const auto training_target =
      static_cast<std::int64_t>(static_cast<double>(target) * static_cast<double>(training_share) /
                                static_cast<double>(patches));
  const std::int64_t first_target = std::clamp<std::int64_t>(
      training_target, std::min<std::int64_t>(scoring.neighbours, training_rows), training_rows);
  check_bank_size(index, static_cast<std::size_t>(first_target));
  BuiltBank built;
  Chosen chosen = choose_training(
      std::move(collected.training), std::move(earlier.patches),
      static_cast<double>(earlier.collected) / static_cast<double>(training_share), first_target,
      coreset, [&](double share) { progress(BuildingStep::coreset, share); });
  built.bank = std::move(chosen.features);

  const double smallest = rounding_score(built.bank, scoring);
  HeldOutResults results;
  PatchMatrix joining;  // to the earlier bank
  if (earlier.held_out.patches.rows > 0) joining = pick_rows(built.bank, chosen.collected);
  if (!held_out.layouts.empty()) {
    results = score_frames(held_out, built.bank, scoring, index,
                           [&](BuildingStep step, double share) { progress(step, 0.5 * share); });
    const PatchMatrix extension = held_out.patches.features(held_out.patches.extend(
        built.bank, chosen.points, std::min(target - first_target, held_out_rows), coreset,
        [&](double share) { progress(BuildingStep::calibration, 0.5 + 0.5 * share); }));
    if (joining.columns > 0) append_rows(joining, extension);
    append_rows(built.bank, extension);
  }
  built.recall = results.recall;

  std::vector<float> scores = std::move(earlier.scores);
  built.held_out = std::move(earlier.held_out);
  follow_joining_patches(built.held_out, joining, scoring, scores);
  append_held_out(built.held_out, results.patches, static_cast<std::int64_t>(scores.size()));
  scores.insert(scores.end(), results.scores.begin(), results.scores.end());
  keep_highest_frames(built.held_out, scores);
  // A single frame's patches stand in where no frame was held out.
  const bool of_frames = !scores.empty();
  if (!of_frames) scores.push_back(largest_inner_distance(built.bank, scoring, index));
  built.calibration = calibrate(std::move(scores), smallest);
  built.calibration.of_frames = of_frames;
  return built;
}

double rounding_score(const PatchMatrix& bank, const ScoringOptions& scoring) {
  const double distance = rounding_distance(bank);
  return scoring.mode == ScoreMode::paper ? distance : distance * distance;
}

Calibration guess_calibration(const PatchMatrix& bank, const ScoringOptions& scoring) {
  Calibration guess = calibrate({largest_inner_distance(bank, scoring, IndexKind::automatic)},
                                rounding_score(bank, scoring));
  guess.of_frames = false;
  return guess;
}

}  // namespace patchcore
