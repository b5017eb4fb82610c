// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects DenseNet where torchvision_test.cpp does not: strides, and the names in checkpoints.
#include "core/backbone/densenet.h"

#include <gtest/gtest.h>

#include "tests/support/formula_weights.h"

namespace patchcore {

TEST(Densenet, DefaultLayersHaveStrides8And16) {
  for (const std::string& name : densenet_names()) {
    const std::vector<std::string> layers = describe_densenet(name).default_layers;
    const auto network =
        make_backbone(name, layers, test::formula_weights(name, layers), "formula");
    EXPECT_EQ(network->max_stride(), 16);
    const FeatureMaps maps =
        network->extract({1, 32, 64, std::vector<float>(std::size_t{3} * 32 * 64, 0.25F)});
    EXPECT_EQ(maps[0].height, 4);
    EXPECT_EQ(maps[0].width, 8);
    EXPECT_EQ(maps[1].height, 2);
    EXPECT_EQ(maps[1].width, 4);
  }
}

// What torchvision's densenet121-a639ec97.pth has.
TEST(Densenet, KnowsTheNamesInTorchvisionsCheckpoints) {
  EXPECT_EQ(densenet_parameter("features.denseblock1.denselayer1.norm.1.weight"),
            "features.denseblock1.denselayer1.norm1.weight");
  EXPECT_EQ(densenet_parameter("features.denseblock4.denselayer16.norm.2.running_var"),
            "features.denseblock4.denselayer16.norm2.running_var");
  EXPECT_EQ(densenet_parameter("features.denseblock1.denselayer1.conv.2.weight"),
            "features.denseblock1.denselayer1.conv2.weight");
}

TEST(Densenet, LeavesOtherNamesAlone) {
  for (const char* name :
       {"features.denseblock1.denselayer1.norm1.weight", "features.transition1.norm.weight",
        "features.conv0.weight", "classifier.weight", ""})
    EXPECT_EQ(densenet_parameter(name), name);
}

}  // namespace patchcore
