// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much memory this machine lets a program have.
#pragma once

#include <cstdint>
#include <string>

namespace patchcore {

/// Bytes of the machine's memory, or of what its control groups leave this process if that is less.
std::uint64_t machine_memory();

/// The smallest limit of this process's control group and of those that it is in; nothing that can
/// be read means none.
/// @param groups  the groups of a process, as /proc/self/cgroup
/// @param root    where they are mounted, /sys/fs/cgroup
/// @return bytes, or UINT64_MAX
std::uint64_t control_group_limit(const std::string& groups, const std::string& root);

}  // namespace patchcore
