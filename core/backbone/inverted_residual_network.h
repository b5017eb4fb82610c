// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Networks of inverted residual blocks by kernels of our own, without LibTorch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

/// Whether there are kernels of this machine's instructions for the steps: a stem, a block that
/// does not widen, and inverted residual blocks.
/// @param precision  fp32 or bf16
bool has_inverted_residual_network(const std::vector<NetworkStep>& steps, Precision precision);

/// The same as Network, several times faster for pictures as small as those are. With bf16, what
/// convolutions across channels multiply is rounded after the first blocks and nothing else; the
/// feature maps are float32.
/// @param steps    for which has_inverted_residual_network() is true; the rest as for Network
std::unique_ptr<Backbone> make_inverted_residual_network(const std::vector<NetworkStep>& steps,
                                                         std::vector<std::string> layers,
                                                         const TensorTable& weights,
                                                         const std::string& origin,
                                                         Precision precision);

}  // namespace patchcore
