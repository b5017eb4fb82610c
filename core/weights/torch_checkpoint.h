// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reader of PyTorch checkpoints, in the zip form (since 1.6) and in the form before it.
#pragma once

#include <string>

#include "core/weights/tensor_table.h"

namespace patchcore {

/// Reads a state_dict: a dictionary of tensors, or a dictionary one of whose values `state_dict`
/// or `model` is one. The pickle inside is interpreted by a reader that knows dictionaries,
/// numbers, strings, tuples, lists and tensors; any other opcode or global is an error. Nothing in
/// the file is ever executed.
/// @throws Error not_found, read_failed, corrupt, unsupported_file, no_space
TensorTable read_torch_checkpoint(const std::string& path);

}  // namespace patchcore
