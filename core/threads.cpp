// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How many threads the libraries below the engine may use.
#include "core/threads.h"

#include <ATen/Parallel.h>
#include <cblas.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "core/error.h"

namespace patchcore {

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

namespace {

/// What was set for the current thread; 0: nothing yet.
thread_local int current_of_libraries = 0;
thread_local int current_of_openmp = 0;

int resolve(int count) {
  if (count < 0 || count > max_threads) {
    throw Error(ErrorCode::invalid_argument, std::to_string(count) + " threads: give 1 to " +
                                                 std::to_string(max_threads) +
                                                 ", or 0 for as many as there are processors");
  }
  return count > 0 ? count : available_processors();
}

}  // namespace

void use_threads(int count) {
  const int wanted = resolve(count);
  use_own_threads(count);
  if (current_of_libraries == wanted) return;
  // LibTorch and OpenBLAS keep one number for the process.
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  at::set_num_threads(wanted);
  openblas_set_num_threads(wanted);
  omp_set_num_threads(wanted);
  current_of_libraries = wanted;
}

void use_own_threads(int count) {
  const int wanted = resolve(count);
  if (current_of_openmp == wanted) return;
  omp_set_num_threads(wanted);
  current_of_openmp = wanted;
}

void release_own_threads() {
  omp_pause_resource(omp_pause_soft, omp_get_initial_device());
}

}  // namespace patchcore
