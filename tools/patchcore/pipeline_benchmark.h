// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element in a whole pipeline.
#pragma once

#include <string>

#include "core/options.h"
#include "core/types.h"
#include "tools/patchcore/measurement.h"

namespace patchcore {

struct PipelineBenchmark {
  std::string pipeline;          ///< as gst-launch-1.0 takes it
  double frames_per_second = 0;  ///< at the sink
  Measurement element;           ///< seconds that a frame is in the element, between its pads
};

struct PipelineBenchmarkOptions {
  std::string bank;
  std::string weights;             ///< of a bank that holds none; empty: searched for
  bool allow_torchscript = false;  ///< as the property
  Size frame;
  int frames = 0;   ///< measured
  int threads = 0;  ///< 0: all processors
  std::string device = "auto";
  Precision precision = Precision::automatic;
  IndexKind index = IndexKind::automatic;
};

/// Runs `appsrc ! patchcoredetect ! fakesink` on synthetic frames, as the engine's benchmark does,
/// with a heatmap on every frame, and times the frames at the sink and at the element's pads once
/// some have passed.
/// @throws Error not_found if the plugin is not installed, internal if the pipeline fails
PipelineBenchmark run_pipeline_benchmark(const PipelineBenchmarkOptions& options);

}  // namespace patchcore
