// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much memory this machine lets a program have.
#include "core/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace patchcore {

std::uint64_t control_group_limit(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t bytes = 0;
  // Without a limit it says "max".
  return file >> bytes && bytes > 0 ? bytes : UINT64_MAX;
}

std::uint64_t machine_memory() {
  const auto pages = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PHYS_PAGES)));
  const auto page = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
  return std::min({pages * page, control_group_limit("/sys/fs/cgroup/memory.max"),
                   control_group_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}  // namespace patchcore
