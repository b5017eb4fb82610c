// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the threads of a parallel region wait for each other while other programs compute.
#include "core/waiting_threads.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
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
constexpr std::chrono::milliseconds between_looks(50);

/// A team of OpenMP threads that never works, kept by a thread of its own.
class IdleTeam {
 public:
  /// Keeps it from now on for kept_for.
  /// @param working  threads of the team that computes, which count, too
  void keep(int working) {
    until_ = Clock::now() + kept_for;
    if (is_there_.exchange(true)) return;
    try {
      start_thread("to keep idle threads", [this, working] { run(working); }).detach();
    } catch (const Error&) {
      is_there_ = false;  // slower, and no reason to fail
    }
  }

  bool is_there() const { return is_there_; }

 private:
  void run(int working) {
    // As few as make one more than there are processors, and no team of one.
    omp_set_num_threads(std::max(2, available_processors() + 2 - working));
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

/// What the kernel tells of the current thread.
struct ThreadTimes {
  double ran = 0;     ///< seconds
  double waited = 0;  ///< seconds, for a processor
};

/// @return nothing where the kernel doesn't tell
std::optional<ThreadTimes> thread_times() {
  std::ifstream file("/proc/thread-self/schedstat");
  double ran = 0;
  double waited = 0;
  if (!(file >> ran >> waited)) return {};
  return ThreadTimes{1e-9 * ran, 1e-9 * waited};
}

}  // namespace

void adapt_waiting_threads() {
  if (omp_get_max_threads() < 2) return;
  thread_local Clock::time_point next_look;
  const Clock::time_point now = Clock::now();
  if (now < next_look) return;
  next_look = now + between_looks;
  thread_local ProcessorContention contention;
  const std::optional<ThreadTimes> times = thread_times();
  if (times && contention.update(times->ran, times->waited))
    idle_team().keep(omp_get_max_threads());
}

bool waiting_threads_sleep() {
  return idle_team().is_there();
}

}  // namespace patchcore
