// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How many threads the libraries below the engine may use.
#pragma once

namespace patchcore {

/// More are a mistake, and would take memory for each.
constexpr int max_threads = 1024;

/// The number of processors that this process may run on, at least 1.
int available_processors();

/// Makes LibTorch, OpenBLAS and OpenMP code called from the current thread use @p count threads.
/// Their defaults can be wrong (Debian's LibTorch sees one processor inside containers), and the
/// OpenMP setting belongs to the calling thread, so each engine entry point calls this; when
/// nothing changes it costs next to nothing. OpenBLAS has one number for the process: of users that
/// want different ones, the last to start decides there.
///
/// @param count  threads, or 0 for available_processors()
/// @throws Error invalid_argument if it is negative or more than max_threads
void use_threads(int count);

/// The same for OpenMP code of our own alone. The libraries' numbers stay as they are, so that
/// threads that use none of them don't take processors from one that does.
/// @throws Error as use_threads()
void use_own_threads(int count);

/// Ends the OpenMP threads that wait for the next parallel region of the current thread. OpenMP
/// counts them with those of all other threads, and where that is more than there are processors,
/// none of them waits actively: for a thread that has done its part, such as loading a bank.
void release_own_threads();

}  // namespace patchcore
