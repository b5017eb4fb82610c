// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine alone: every stage of Detector::detect().
#include "tools/patchcore/engine_benchmark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "core/heatmap.h"
#include "core/nearest_neighbours.h"
#include "core/overlay_blending.h"
#include "core/scoring.h"
#include "core/stage_times.h"
#include "core/workspace.h"
#include "tools/patchcore/synthetic_frame.h"

namespace patchcore {
namespace {

constexpr int frames_to_warm_up = 5;
constexpr int different_frames = 8;
constexpr double opacity = 0.5;
constexpr std::size_t overlay = stage_count;
constexpr std::size_t total = stage_count + 1;
constexpr std::array<const char*, stage_count + 2> names = {
    "convert+resize", "backbone", "embed", "search", "score", "regions", "overlay", "total"};

/// The seconds of one frame, by the index of their name.
/// @param canvas  a frame that the heatmap is drawn into, so that the next ones are as they were
std::array<double, names.size()> time_frame(const Detector& detector, const ImageView& frame,
                                            const WritableImageView& canvas, Workspace& workspace) {
  DetectionOptions options;
  options.threshold = 0;
  const auto begin = std::chrono::steady_clock::now();
  const Detection detection = detector.detect(frame, options, workspace);
  const auto detected = std::chrono::steady_clock::now();
  blend_overlay(draw_heatmap(detection, opacity), canvas);
  const auto end = std::chrono::steady_clock::now();

  std::array<double, names.size()> seconds = {};
  for (std::size_t stage = 0; stage < stage_count; ++stage) {
    seconds[stage] = workspace.stage_times[stage];
  }
  seconds[overlay] = std::chrono::duration<double>(end - detected).count();
  seconds[total] = std::chrono::duration<double>(end - begin).count();
  return seconds;
}

}  // namespace

EngineBenchmark run_engine_benchmark(const Detector& detector, Size frame, int frames) {
  std::vector<SyntheticFrame> pictures;
  for (int number = 0; number < different_frames; ++number) pictures.emplace_back(frame, number);
  SyntheticFrame canvas(frame, 0);
  Workspace workspace;
  std::array<std::vector<double>, names.size()> seconds;
  for (int number = 0; number < frames_to_warm_up + frames; ++number) {
    const SyntheticFrame& picture = pictures[static_cast<std::size_t>(number) % pictures.size()];
    const auto times = time_frame(detector, picture.view(), canvas.writable_view(), workspace);
    if (number < frames_to_warm_up) continue;
    for (std::size_t stage = 0; stage < names.size(); ++stage) {
      seconds[stage].push_back(times[stage]);
    }
  }
  EngineBenchmark result;
  for (std::size_t stage = 0; stage < names.size(); ++stage) {
    result.stages.emplace_back(names[stage], measurement_of(seconds[stage]));
  }
  result.frames_per_second = 1 / result.stages.back().second.median;
  return result;
}

SearchRecall run_recall_benchmark(const Detector& detector, const BankFile& bank, Size frame,
                                  int frames) {
  const auto index = make_nearest_neighbours(bank.bank, IndexKind::faiss_flat);
  const Scoring scoring(bank.scoring, bank.bank, *index);
  Workspace workspace;
  Neighbours exact;
  RecallMeasurement recall;
  for (int number = 0; number < std::min(frames, different_frames); ++number) {
    const SyntheticFrame picture(frame, number);
    const Detection detection = detector.detect(picture.view(), {}, workspace);
    // Of any shape: a mask leaves fewer patches than the map has.
    const PatchGrid row = {1, static_cast<int>(workspace.patches.rows)};
    const double exact_score = scoring.score(workspace.patches, row, exact).score;
    recall.add({workspace.neighbours, detection.score, exact, exact_score});
  }
  return recall.result();
}

}  // namespace patchcore
