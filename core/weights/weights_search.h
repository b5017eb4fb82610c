// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where the pretrained weights of a backbone are found.
#pragma once

#include <string>
#include <vector>

#include "core/weights/tensor_table.h"

namespace patchcore {

/// The folders that are searched, first to last: those of $PATCHCORE_WEIGHTS_PATH
/// (colon-separated), $XDG_DATA_HOME/patchcore/weights (~/.local/share by default), and
/// patchcore/weights in each of $XDG_DATA_DIRS (/usr/local/share:/usr/share by default).
std::vector<std::string> weights_search_path();

/// The file with the weights of @p backbone: @p explicit_path if not empty, else the first of
/// NAME.safetensors, NAME.pth, NAME.pt, and NAME-*.pth (as the hubs name them: with a hash; `-`
/// and `_` in NAME are the same) in the folders of weights_search_path().
/// @param how_to_get  a sentence that says where the weights can be had, for the message
/// @throws Error not_found that lists where it looked
std::string find_weights(const std::string& backbone, const std::string& explicit_path,
                         const std::string& how_to_get);

/// Reads a weights file of any supported kind; the kind is told by its content, not by its name.
/// @throws Error not_found, read_failed, corrupt, unsupported_file
TensorTable read_weights(const std::string& path);

}  // namespace patchcore
