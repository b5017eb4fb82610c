// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects VGG where torchvision_test.cpp does not: which modules are layers.
#include "core/backbone/vgg.h"

#include <gtest/gtest.h>

#include "core/backbone/backbone.h"

namespace patchcore {

// The last activations of strides 8 and 16.
TEST(Vgg, DefaultLayersAreThoseBeforeTheLastPoolings) {
  using Layers = std::vector<std::string>;
  EXPECT_EQ(describe_vgg("vgg11").default_layers, (Layers{"features.14", "features.19"}));
  EXPECT_EQ(describe_vgg("vgg16").default_layers, (Layers{"features.22", "features.29"}));
  EXPECT_EQ(describe_vgg("vgg19_bn").default_layers, (Layers{"features.38", "features.51"}));
}

// Of a convolution, a normalization and an activation, the activation.
TEST(Vgg, LayersAreActivationsAndPoolings) {
  const std::vector<std::string> plain = backbone_layers("vgg11");
  EXPECT_EQ(std::vector<std::string>(plain.begin(), plain.begin() + 4),
            (std::vector<std::string>{"features.1", "features.2", "features.4", "features.5"}));
  EXPECT_EQ(plain.back(), "features.20");
  const std::vector<std::string> normalized = backbone_layers("vgg11_bn");
  EXPECT_EQ(std::vector<std::string>(normalized.begin(), normalized.begin() + 3),
            (std::vector<std::string>{"features.2", "features.3", "features.6"}));
  EXPECT_EQ(normalized.back(), "features.28");
}

}  // namespace patchcore
