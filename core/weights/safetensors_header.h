// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The JSON header of safetensors files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/weights/tensor_table.h"

namespace patchcore {

/// Where a tensor lies; offsets count from the end of the header.
struct SafetensorsEntry {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  ///< in order of their data
};

/// Checks that every tensor's range fits its type and shape, and that all ranges together cover
/// the data without gap or overlap.
/// @param data_size  bytes after the header
/// @param origin     the file, for messages
/// @throws Error corrupt, unsupported_file
SafetensorsHeader parse_safetensors_header(const std::string& json, std::uint64_t data_size,
                                           const std::string& origin);

/// Padded with spaces to a multiple of eight, so that the data is aligned.
/// @throws Error invalid_argument if a name is not UTF-8
std::string format_safetensors_header(const SafetensorsHeader& header);

}  // namespace patchcore
