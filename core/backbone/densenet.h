// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// DenseNet (Huang et al. 2017).
#pragma once

#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

std::vector<std::string> densenet_names();

/// @param name  one of densenet_names()
BackboneDescription describe_densenet(const std::string& name);

/// The network with torchvision's names of layers and parameters.
/// @param name  one of densenet_names()
std::vector<NetworkStep> densenet_steps(const std::string& name);

/// Checkpoints of torchvision have names from before PyTorch 0.4: `norm.1` where the network says
/// `norm1`.
/// @return the network's name for it
std::string densenet_parameter(const std::string& stored);

}  // namespace patchcore
