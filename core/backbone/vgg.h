// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// VGG (Simonyan and Zisserman 2015), with and without batch normalization.
#pragma once

#include <string>
#include <vector>

#include "core/backbone/network.h"

namespace patchcore {

std::vector<std::string> vgg_names();

/// @param name  one of vgg_names()
BackboneDescription describe_vgg(const std::string& name);

/// The network with torchvision's names of layers and parameters. Layers are the activations and
/// the poolings: torchvision's activations overwrite what the convolution and the normalization
/// before them gave.
/// @param name  one of vgg_names()
std::vector<NetworkStep> vgg_steps(const std::string& name);

}  // namespace patchcore
