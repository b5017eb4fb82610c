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

namespace patchcore {

int available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

void use_threads(int count) {
  thread_local int current = 0;
  const int wanted = count > 0 ? count : available_processors();
  if (current == wanted) return;
  // LibTorch and OpenBLAS keep one number for the process.
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  at::set_num_threads(wanted);
  openblas_set_num_threads(wanted);
  omp_set_num_threads(wanted);
  current = wanted;
}

}  // namespace patchcore
