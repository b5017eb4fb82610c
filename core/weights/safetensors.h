// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reader and writer of the safetensors container: an 8-byte little-endian header length, a JSON
// header, raw tensors (https://github.com/huggingface/safetensors, "Format").
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/weights/tensor_table.h"

namespace patchcore {

struct Safetensors {
  std::map<std::string, std::string> metadata;  ///< `__metadata__`
  TensorTable tensors;
};

/// Reads a file that need not be trusted: every length and offset is checked against the file's
/// size before anything is allocated or touched.
/// @throws Error not_found, read_failed, corrupt, unsupported_file, no_space
Safetensors read_safetensors(const std::string& path);

/// Writes the file whole or not at all: temporary name in the same folder, write, fsync, rename,
/// fsync the folder. On failure the file that was there before is untouched and the temporary
/// file is gone.
/// @throws Error not_found if the folder does not exist, write_failed, no_space
void write_safetensors(const std::string& path, const Safetensors& content);

/// The same for tensors that lie elsewhere.
/// @param before_replacing  called when all is written under the temporary name; what it throws
/// leaves the file that was there
void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       const TensorViews& tensors,
                       const std::function<void()>& before_replacing = {});

}  // namespace patchcore
