// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects EfficientNet b0 to b7 where torchvision_test.cpp does not: default layers, grids, and
// the names in timm's checkpoints.
#include "core/backbone/efficientnet.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/formula_weights.h"

namespace patchcore {

TEST(Efficientnet, DefaultLayersAreTheLastOfStrides8And16) {
  for (const std::string& name : efficientnet_names()) {
    int strides[2] = {0, 0};
    const std::vector<std::string> layers = describe_efficientnet(name).default_layers;
    ASSERT_EQ(layers.size(), 2U);
    const std::vector<NetworkStep> steps = efficientnet_steps(name);
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      for (const std::string& layer : steps[i].layers) {
        for (const int index : {0, 1}) {
          if (layer != layers[index]) continue;
          strides[index] = steps[i].stride;
          EXPECT_EQ(steps[i + 1].stride, 2 * steps[i].stride) << name;
        }
      }
    }
    EXPECT_EQ(strides[0], 8) << name;
    EXPECT_EQ(strides[1], 16) << name;
  }
}

TEST(Efficientnet, NamesStagesAndTheirLastBlocks) {
  const auto network =
      make_backbone("efficientnet_b0", {"features.3", "features.3.1"},
                    test::formula_weights("efficientnet_b0", {"features.3"}), "formula");
  const FeatureMaps maps =
      network->extract({1, 64, 96, std::vector<float>(std::size_t{3} * 64 * 96, 0.25F)});
  EXPECT_EQ(maps[0].values, maps[1].values);
  EXPECT_EQ(maps[0].channels, 40);
  EXPECT_EQ(maps[0].height, 8);
  EXPECT_EQ(maps[0].width, 12);
}

// What timm.create_model("tf_efficientnet_b0").state_dict() has.
TEST(Efficientnet, KnowsTimmsNames) {
  const std::pair<const char*, const char*> names[] = {
      {"conv_stem.weight", "features.0.0.weight"},
      {"bn1.running_var", "features.0.1.running_var"},
      {"blocks.0.0.conv_dw.weight", "features.1.0.block.0.0.weight"},
      {"blocks.0.0.bn1.bias", "features.1.0.block.0.1.bias"},
      {"blocks.0.0.se.conv_reduce.bias", "features.1.0.block.1.fc1.bias"},
      {"blocks.0.0.se.conv_expand.weight", "features.1.0.block.1.fc2.weight"},
      {"blocks.0.0.conv_pw.weight", "features.1.0.block.2.0.weight"},
      {"blocks.0.0.bn2.weight", "features.1.0.block.2.1.weight"},
      {"blocks.4.9.conv_pw.weight", "features.5.9.block.0.0.weight"},
      {"blocks.4.9.bn1.weight", "features.5.9.block.0.1.weight"},
      {"blocks.4.9.conv_dw.weight", "features.5.9.block.1.0.weight"},
      {"blocks.4.9.bn2.running_mean", "features.5.9.block.1.1.running_mean"},
      {"blocks.4.9.se.conv_reduce.weight", "features.5.9.block.2.fc1.weight"},
      {"blocks.4.9.se.conv_expand.bias", "features.5.9.block.2.fc2.bias"},
      {"blocks.4.9.conv_pwl.weight", "features.5.9.block.3.0.weight"},
      {"blocks.4.9.bn3.bias", "features.5.9.block.3.1.bias"},
      {"conv_head.weight", "features.8.0.weight"},
      {"bn2.weight", "features.8.1.weight"},
  };
  std::set<std::string> known;
  for (const ParameterShape& parameter : backbone_parameters("tf_efficientnet_b7", {"bn2"}))
    known.insert(parameter.name);
  for (const auto& [stored, name] : names) {
    EXPECT_EQ(efficientnet_parameter(stored), name);
    EXPECT_EQ(known.count(name), 1U) << name;
  }
}

TEST(Efficientnet, LeavesOtherNamesAlone) {
  for (const char* name :
       {"features.1.0.block.0.0.weight", "classifier.weight", "blocks", "blocks.", "blocks.1",
        "blocks.1.2", "blocks.1.2.", "blocks.1.2.other.weight", "blocks.x.0.conv_dw.weight",
        "blocks.-1.0.conv_dw.weight", "blocks.7.0.conv_dw.weight",
        "blocks.2147483647.0.conv_dw.weight", "blocks.99999999999.0.conv_dw.weight", ""})
    EXPECT_EQ(efficientnet_parameter(name), name);
}

}  // namespace patchcore
