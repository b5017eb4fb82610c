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

/// The limit in a control group's file; nothing that can be read means none.
/// @return bytes, or UINT64_MAX
std::uint64_t control_group_limit(const std::string& path);

}  // namespace patchcore
