// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the threads of a parallel region wait for each other while other programs compute.
#pragma once

namespace patchcore {

/// OpenMP's threads wait actively for the next parallel region and for the slowest of this one,
/// which costs nothing while the processors are theirs. Where they are not, those that wait take
/// the processor away from those that are waited for, and a frame may take ten times as long. So
/// whoever computes calls this once a frame: while the current thread has to share its processor,
/// and for some seconds more, OpenMP's threads of the whole process fall asleep soon.
///
/// OpenMP does that itself where it has more threads than there are processors: another team of
/// threads is kept for that, which never works. Settings of the environment (OMP_WAIT_POLICY,
/// GOMP_SPINCOUNT) stay in force.
void adapt_waiting_threads();

/// Whether they fall asleep soon, on account of adapt_waiting_threads().
bool waiting_threads_sleep();

}  // namespace patchcore
