// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// EfficientNet b0 to b7 (Tan and Le 2019).
#pragma once

#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

/// efficientnet_bN as torchvision has it, and tf_efficientnet_bN as timm has it, whose weights come
/// from TensorFlow, with that one's padding.
std::vector<std::string> efficientnet_names();

/// @param name  one of efficientnet_names()
BackboneDescription describe_efficientnet(const std::string& name);

/// The network with torchvision's names of parameters. Layers have torchvision's names (stage
/// features.3, its last block features.3.1), in the tf_ networks timm's (blocks.2 and blocks.2.1).
/// @param name  one of efficientnet_names()
std::vector<NetworkStep> efficientnet_steps(const std::string& name);

/// Checkpoints may be torchvision's or timm's.
/// @return torchvision's name for it
std::string efficientnet_parameter(const std::string& stored);

}  // namespace patchcore
