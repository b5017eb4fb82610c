// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the engine starts its threads.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace patchcore {

/// Starts a thread. Any thread.
/// @param purpose  what for, as "to score frames"; of the message
/// @throws Error no_space if the system allows no more threads, or has no memory for one
std::thread start_thread(const std::string& purpose, std::function<void()> function);

}  // namespace patchcore
