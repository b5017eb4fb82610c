// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Memory of each thread's own for what lies between two steps of a computation.
#pragma once

#include <cstddef>

namespace patchcore {

/// Memory that the current thread wrote to last time as well, so that it may still lie in the
/// caches of that thread's core and nobody else's. Valid until the thread asks again, or ends.
/// @return of @p bytes, on a cache line's bound, what is in it is not defined; null where there is
/// no
///         memory, as a parallel region can't let an exception out
void* thread_scratch(std::size_t bytes) noexcept;

}  // namespace patchcore
