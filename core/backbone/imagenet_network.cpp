// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the families of networks that are trained on ImageNet have in common.
#include "core/backbone/imagenet_network.h"

namespace patchcore {

BackboneDescription describe_imagenet_network(const std::string& name,
                                              const std::vector<std::string>& default_layers,
                                              const std::string& sources) {
  BackboneDescription description;
  description.name = name;
  description.default_layers = default_layers;
  description.preprocess.mode = ResizeMode::shorter_side;
  description.preprocess.shorter_side = 256;
  description.preprocess.crop = Size{224, 224};
  description.preprocess.mean = {0.485F, 0.456F, 0.406F};
  description.preprocess.deviation = {0.229F, 0.224F, 0.225F};
  description.embedding.patch_size = 3;
  description.embedding.pretrain_embed_dimension = 1024;
  description.embedding.target_embed_dimension = 1024;
  description.how_to_get_weights =
      "Take the checkpoint file of " + sources + " " + name +
      " (.pth or .safetensors) and name it, or put it into a folder of PATCHCORE_WEIGHTS_PATH.";
  return description;
}

}  // namespace patchcore
