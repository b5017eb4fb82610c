// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine alone: every stage of Detector::detect().
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/bank_file.h"
#include "core/detector.h"
#include "core/search_recall.h"
#include "core/types.h"
#include "tools/patchcore/measurement.h"

namespace patchcore {

struct EngineBenchmark {
  /// In seconds, in the order in which a frame passes them; the last is their sum, "total".
  std::vector<std::pair<std::string, Measurement>> stages;
  double frames_per_second = 0;  ///< from the total's median
};

/// Scores synthetic frames, and draws the heatmap into one. Every frame counts as anomalous, so
/// that regions are part.
/// @param frames  measured, at least 1; some more come before to warm up
EngineBenchmark run_engine_benchmark(const Detector& detector, Size frame, int frames);

/// Compares what an approximate index finds on the same frames with what exact search finds.
/// @param bank    that the detector has loaded
/// @param frames  at least 1; those that run_engine_benchmark() repeats are looked at once
SearchRecall run_recall_benchmark(const Detector& detector, const BankFile& bank, Size frame,
                                  int frames);

}  // namespace patchcore
