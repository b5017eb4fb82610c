// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A backbone that a TorchScript module is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/backbone/torchscript_file.h"

namespace patchcore {

/// Executes the module, which takes a picture [1, 3, height, width] and gives a tensor, or a tuple,
/// a list or a dictionary of them. A layer is one of these by its key or number, "0" for a single
/// tensor; it is a feature map [1, channels, height, width], or a transformer's tokens
/// [1, tokens, channels], see find_token_grid(). Pictures of a batch go through one by one: a
/// module may have been traced for one.
///
/// Here and nowhere else is code of a file executed: see require_torchscript_allowed().
/// @param layers     empty: all outputs
/// @param precision  of the module's parameters and input
/// @param typical    a size of input that will come: it is tried at once
/// @throws Error corrupt if the file is no module that this LibTorch can load, not_found if a layer
///         does not exist (the message lists those that do), invalid_argument if one is asked for
///         twice or its output is no feature map, unsupported_frame if the network takes no input
///         of that size, no_space, internal
std::unique_ptr<Backbone> make_torchscript_backbone(const TorchscriptFile& file,
                                                    const std::vector<std::string>& layers,
                                                    Precision precision, const Device& device,
                                                    Size typical);

}  // namespace patchcore
