// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the threads of a parallel region wait for each other while other programs compute.
#include "core/waiting_threads.h"

#include <omp.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "core/error.h"
#include "core/processor_contention.h"
#include "core/thread_start.h"
#include "core/threads.h"

namespace patchcore {
namespace {

using Clock = std::chrono::steady_clock;

/// Waiting actively is tried again after this; should the processors still be shared, a few frames
/// are slow.
constexpr std::chrono::seconds kept_for(5);

/// A team of OpenMP threads that never works, kept by a thread of its own.
class IdleTeam {
 public:
  /// Keeps it from now on for kept_for.
  void keep() {
    until_ = Clock::now() + kept_for;
    if (is_there_.exchange(true)) return;
    try {
      start_thread("to keep idle threads", [this] { run(); }).detach();
    } catch (const Error&) {
      is_there_ = false;  // slower, and no reason to fail
    }
  }

  bool is_there() const { return is_there_; }

 private:
  void run() {
    use_own_threads(available_processors() + 1);
#pragma omp parallel
    {
      // All of them have to come.
#pragma omp barrier
    }
    for (Clock::time_point until = until_; Clock::now() < until; until = until_) {
      std::this_thread::sleep_until(until);
    }
    // OpenMP ends the team with this thread.
    is_there_ = false;
  }

  std::atomic<bool> is_there_{false};
  std::atomic<Clock::time_point> until_{Clock::time_point()};
};

/// Never destroyed: its thread may outlive main().
IdleTeam& idle_team() {
  static auto* const team = new IdleTeam();
  return *team;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

void adapt_waiting_threads() {
  if (omp_get_max_threads() < 2) return;
  rusage usage = {};
  if (getrusage(RUSAGE_THREAD, &usage) != 0) return;
  thread_local ProcessorContention contention;
  if (contention.update(seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), usage.ru_nivcsw)) {
    idle_team().keep();
  }
}

bool waiting_threads_sleep() {
  return idle_team().is_there();
}

}  // namespace patchcore
