// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Bytes as text (RFC 4648).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchcore {

std::string base64(const std::vector<std::uint8_t>& bytes);

}  // namespace patchcore
