// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The ResNet family (He et al. 2016; Zagoruyko and Komodakis 2016; Xie et al. 2017).
#pragma once

#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

std::vector<std::string> resnet_names();

/// @param name  one of resnet_names()
BackboneDescription describe_resnet(const std::string& name);

/// The network with torchvision's names of layers and parameters.
/// @param name  one of resnet_names()
std::vector<NetworkStep> resnet_steps(const std::string& name);

}  // namespace patchcore
