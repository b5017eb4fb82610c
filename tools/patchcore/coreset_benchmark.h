// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The coreset: how long greedy picking takes.
#pragma once

#include <cstdint>

namespace patchcore {

struct CoresetBenchmarkOptions {
  std::int64_t patches = 0;
  int dimension = 0;
  double ratio = 0.1;          ///< of the patches
  bool compare_plain = false;  ///< time select_greedily_plain(), too
};

struct CoresetBenchmark {
  std::int64_t picks = 0;
  double seconds = 0;
  /// From the time of some picks: all of them would take minutes. 0 if not asked for.
  double plain_seconds = 0;
};

/// Picks greedily among random patches in clusters.
CoresetBenchmark run_coreset_benchmark(const CoresetBenchmarkOptions& options);

}  // namespace patchcore
