// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How long work tells how far it is, and how it is stopped.
#pragma once

#include <functional>

namespace patchcore {

/// Told the share done, 0 to 1, now and then, from the calling thread. It may throw
/// Error cancelled, which ends the work.
using ShareDone = std::function<void(double)>;

}  // namespace patchcore
