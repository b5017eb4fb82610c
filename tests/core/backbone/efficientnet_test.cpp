// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects EfficientNet-Lite: the default layers and how the grids follow the input.
#include "core/backbone/efficientnet.h"

#include <gtest/gtest.h>

#include "tests/support/formula_weights.h"

namespace patchcore {

TEST(Efficientnet, DefaultLayersAreTheLastOfStrides8And16) {
  EXPECT_EQ(describe_efficientnet("efficientnet_lite0").default_layers,
            (std::vector<std::string>{"blocks.4", "blocks.10"}));
  EXPECT_EQ(describe_efficientnet("efficientnet_lite1").default_layers,
            (std::vector<std::string>{"blocks.6", "blocks.14"}));
}

// 1920x1080 by default becomes 352x192: not square, and every stride halves evenly.
TEST(Efficientnet, GridsFollowTheInput) {
  for (const std::string& name : efficientnet_names()) {
    const std::vector<std::string> layers = describe_efficientnet(name).default_layers;
    const auto network =
        make_backbone(name, layers, test::formula_weights(name, layers), "formula");
    EXPECT_EQ(network->max_stride(), 16);
    const FeatureMaps maps =
        network->extract({1, 96, 64, std::vector<float>(std::size_t{3} * 96 * 64, 0.25F)});
    EXPECT_EQ(maps[0].height, 12);
    EXPECT_EQ(maps[0].width, 8);
    EXPECT_EQ(maps[1].height, 6);
    EXPECT_EQ(maps[1].width, 4);
    EXPECT_EQ(maps[0].channels, name == "efficientnet_lite2" ? 48 : 40);
    EXPECT_EQ(maps[1].channels, name == "efficientnet_lite2" ? 120 : 112);
  }
}

// SAME padding makes an odd side round up.
TEST(Efficientnet, TakesOddSides) {
  const auto network =
      make_backbone("efficientnet_lite0", {"blocks.4"},
                    test::formula_weights("efficientnet_lite0", {"blocks.4"}), "formula");
  const FeatureMaps maps =
      network->extract({1, 33, 39, std::vector<float>(std::size_t{3} * 33 * 39, 0.25F)});
  EXPECT_EQ(maps[0].height, 5);
  EXPECT_EQ(maps[0].width, 5);
}

}  // namespace patchcore
