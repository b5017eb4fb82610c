// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much memory this machine lets a program have.
#include "core/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace patchcore {
namespace {

/// UINT64_MAX without a number: without a limit it says "max".
std::uint64_t read_limit(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t bytes = 0;
  return file >> bytes && bytes > 0 ? bytes : UINT64_MAX;
}

/// Of the group and all that it is in: the smallest holds.
std::uint64_t smallest_limit(const std::string& mount, std::string group, const std::string& file) {
  for (std::uint64_t limit = UINT64_MAX;;) {
    limit = std::min(limit, read_limit(mount + group + file));
    const std::size_t parent = group.rfind('/');
    if (parent == std::string::npos) return limit;
    group.resize(parent);
  }
}

}  // namespace

std::uint64_t control_group_limit(const std::string& groups, const std::string& root) {
  const auto limit = [&root](const std::string& group) {
    return smallest_limit(root, group, "/memory.max");
  };
  const auto limit_of_version_1 = [&root](const std::string& group) {
    return smallest_limit(root + "/memory", group, "/memory.limit_in_bytes");
  };
  // A container may see its group as the root, whatever the file says.
  std::uint64_t smallest = std::min(limit(""), limit_of_version_1(""));
  // NUMBER:CONTROLLERS:GROUP; there are no controllers in version 2.
  std::ifstream file(groups);
  for (std::string line; std::getline(file, line);) {
    const std::size_t path = line.find('/');
    if (path == std::string::npos) continue;
    const std::string group = line.substr(path);
    const std::string controllers = line.substr(0, path);
    if (controllers == "0::") smallest = std::min(smallest, limit(group));
    if (controllers.find(":memory:") != std::string::npos)
      smallest = std::min(smallest, limit_of_version_1(group));
  }
  return smallest;
}

std::uint64_t machine_memory() {
  const auto pages = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PHYS_PAGES)));
  const auto page = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
  return std::min(pages * page, control_group_limit("/proc/self/cgroup", "/sys/fs/cgroup"));
}

}  // namespace patchcore
