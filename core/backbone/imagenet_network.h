// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the families of networks that are trained on ImageNet have in common.
#pragma once

#include <string>
#include <vector>

#include "core/backbone/backbone.h"

namespace patchcore {

/// The published implementation's settings, which are the same for every network: the shorter side
/// to 256, then the centre 224 x 224, ImageNet's mean and deviation, 1024 and 1024 dimensions.
/// @param sources  whose checkpoints fit, e.g. "torchvision's or timm's"
BackboneDescription describe_imagenet_network(const std::string& name,
                                              const std::vector<std::string>& default_layers,
                                              const std::string& sources);

}  // namespace patchcore
