// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the engine starts its threads.
#include "core/thread_start.h"

#include <system_error>
#include <utility>

#include "core/error.h"

namespace patchcore {

std::thread start_thread(const std::string& purpose, std::function<void()> function) {
  try {
    return std::thread(std::move(function));
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::no_space,
                "no thread can be started " + purpose + " (" + error.code().message() +
                    "): the system has no memory for it, or as many processes and threads as it "
                    "allows (ulimit -u, or the limit of the container)");
  }
}

}  // namespace patchcore
