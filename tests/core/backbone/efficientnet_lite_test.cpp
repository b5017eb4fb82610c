// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects EfficientNet-Lite: the pretrained network's own outputs, and how Lite1 and Lite2 grow.
#include "core/backbone/efficientnet_lite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "core/weights/weights_search.h"
#include "tests/support/formula_weights.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

/// The pretrained weights where they are installed, else an empty string.
std::string pretrained_weights() {
  try {
    return find_weights("efficientnet_lite0", "", "");
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

TEST(EfficientnetLite, PretrainedLite0GivesThePublishedOutputs) {
  PATCHCORE_SHARED_FILE_OR_SKIP(preprocessed_path, "golden/preprocess.safetensors");
  PATCHCORE_SHARED_FILE_OR_SKIP(golden_path, "golden/efficientnet_lite0.safetensors");
  const std::string weights_path = pretrained_weights();
  if (weights_path.empty())
    GTEST_SKIP() << "no weights of efficientnet_lite0, see PATCHCORE_WEIGHTS_PATH";
  use_threads(0);
  const Safetensors golden = read_safetensors(golden_path);
  const std::vector<std::string> layers = {"blocks.2", "blocks.4", "blocks.10"};
  const auto network =
      make_backbone("efficientnet_lite0", layers, read_weights(weights_path), weights_path);
  const FeatureMaps maps = network->extract(
      {1, 224, 224,
       require_tensor(read_safetensors(preprocessed_path).tensors, "tensor_00", preprocessed_path)
           .to_floats()});
  for (const FeatureMap& map : maps) {
    const StoredTensor& expected = require_tensor(golden.tensors, map.layer, golden_path);
    ASSERT_EQ(expected.shape[0], map.channels);
    ASSERT_EQ(expected.shape[1], (map.height + 2) / 3);
    const std::vector<float> values = expected.to_floats();
    double largest = 0;
    auto value = values.begin();
    for (int channel = 0; channel < map.channels; ++channel) {
      for (int y = 0; y < map.height; y += 3) {
        for (int x = 0; x < map.width; x += 3) {
          const float found = map.values.get()[(y * map.width + x) * map.channels + channel];
          largest = std::max(largest, std::abs(double{found} - *value++));
        }
      }
    }
    EXPECT_LE(largest, 1e-4) << map.layer;
    RecordProperty(map.layer, std::to_string(largest));
  }
}

TEST(EfficientnetLite, DefaultLayersAreTheLastOfStrides8And16) {
  EXPECT_EQ(describe_efficientnet_lite("efficientnet_lite0").default_layers,
            (std::vector<std::string>{"blocks.4", "blocks.10"}));
  EXPECT_EQ(describe_efficientnet_lite("efficientnet_lite1").default_layers,
            (std::vector<std::string>{"blocks.6", "blocks.14"}));
}

// 1920x1080 by default becomes 352x192: not square, and every stride halves evenly.
TEST(EfficientnetLite, GridsFollowTheInput) {
  for (const std::string& name : efficientnet_lite_names()) {
    const std::vector<std::string> layers = describe_efficientnet_lite(name).default_layers;
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
TEST(EfficientnetLite, TakesOddSides) {
  const auto network =
      make_backbone("efficientnet_lite0", {"blocks.4"},
                    test::formula_weights("efficientnet_lite0", {"blocks.4"}), "formula");
  const FeatureMaps maps =
      network->extract({1, 33, 39, std::vector<float>(std::size_t{3} * 33 * 39, 0.25F)});
  EXPECT_EQ(maps[0].height, 5);
  EXPECT_EQ(maps[0].width, 5);
}

}  // namespace patchcore
