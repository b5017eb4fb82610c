// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A TorchScript module in a file: what it is, without executing it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"

namespace patchcore {

/// Whether a backbone's name is that of a TorchScript file: it ends in ".pt".
bool is_torchscript_name(const std::string& name);

/// The file's name without its folders: what a bank calls the backbone.
std::string torchscript_name(const std::string& path);

/// What examples/export-backbone.py writes into the file beside the module.
struct TorchscriptSettings {
  std::vector<std::string> layers;  ///< outputs by default, in this order; empty: all there are
  std::optional<Size> input_size;   ///< the only one that the network takes
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};       ///< that it was trained with
  std::array<float, 3> deviation = {0.229F, 0.224F, 0.225F};  ///< that it was trained with
};

/// The file's bytes, so that what is executed is what was checked.
struct TorchscriptFile {
  std::string path;
  std::string bytes;
  std::string sha256;
  TorchscriptSettings settings;
};

/// Reads the file and its settings. Executes nothing.
/// @throws Error not_found, read_failed, corrupt, no_space, unsupported_file if it is a checkpoint
TorchscriptFile read_torchscript_file(const std::string& path);

/// The file that @p explicit_path names, else the one called @p name in a folder of
/// weights_search_path().
/// @throws Error not_found
std::string find_torchscript_file(const std::string& name, const std::string& explicit_path);

/// The published settings, with the input size that the network needs.
BackboneDescription describe_torchscript(const TorchscriptFile& file);

/// @throws Error invalid_argument that says why, unless @p allowed: a TorchScript file is a program
void require_torchscript_allowed(bool allowed, const std::string& path);

}  // namespace patchcore
