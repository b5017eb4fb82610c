// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the ResNet family: the features of the published implementation, to 1e-4.
#include "core/backbone/resnet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/patch_embedding.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

struct Case {
  const char* file;
  const char* backbone;
  std::vector<std::string> layers;
  PatchEmbeddingOptions embedding;
};

class PublishedFeatures : public testing::TestWithParam<Case> {};

/// The first two pictures, as the published code normalizes them.
InputTensor two_pictures(const Safetensors& preprocessed) {
  InputTensor input{2, 224, 224, {}};
  for (const char* name : {"tensor_00", "tensor_01"}) {
    const std::vector<float> values = require_tensor(preprocessed.tensors, name, "").to_floats();
    input.values.insert(input.values.end(), values.begin(), values.end());
  }
  return input;
}

}  // namespace

TEST_P(PublishedFeatures, AreReproduced) {
  PATCHCORE_SHARED_FILE_OR_SKIP(preprocessed_path, "golden/preprocess.safetensors");
  PATCHCORE_SHARED_FILE_OR_SKIP(golden_path, std::string("golden/") + GetParam().file);
  use_threads(0);
  const Safetensors golden = read_safetensors(golden_path);
  const std::vector<float> expected =
      require_tensor(golden.tensors, "features", golden_path).to_floats();
  const std::vector<float> rows =
      require_tensor(golden.tensors, "patches", golden_path).to_floats();

  const auto network =
      make_backbone(GetParam().backbone, GetParam().layers,
                    test::formula_weights(GetParam().backbone, GetParam().layers), "formula");
  const FeatureMaps maps = network->extract(two_pictures(read_safetensors(preprocessed_path)));
  PatchMatrix patches;
  PatchEmbedding(GetParam().embedding).embed(maps, patches);

  ASSERT_EQ(expected.size(), 2 * rows.size() * patches.columns);
  const std::size_t positions = patches.rows / 2;
  double largest = 0;
  auto value = expected.begin();
  for (std::size_t picture = 0; picture < 2; ++picture) {
    for (const float row : rows) {
      const float* found = patches.row(picture * positions + static_cast<std::size_t>(row));
      for (std::size_t column = 0; column < patches.columns; ++column)
        largest = std::max(largest, std::abs(double{found[column]} - *value++));
    }
  }
  EXPECT_LE(largest, 1e-4);
  RecordProperty("largest_difference", std::to_string(largest));
}

INSTANTIATE_TEST_SUITE_P(
    Resnet, PublishedFeatures,
    testing::Values(Case{"embed_resnet18_layer2+layer3_p3_1024_1024.safetensors",
                         "resnet18",
                         {"layer2", "layer3"},
                         {3, 1024, 1024}},
                    Case{"embed_resnet50_layer2+layer3_p3_1024_1024.safetensors",
                         "resnet50",
                         {"layer2", "layer3"},
                         {3, 1024, 1024}},
                    Case{"embed_wide_resnet50_2_layer2+layer3_p3_1024_1024.safetensors",
                         "wide_resnet50_2",
                         {"layer2", "layer3"},
                         {3, 1024, 1024}},
                    Case{"embed_wide_resnet50_2_layer2+layer3_p5_1024_1024.safetensors",
                         "wide_resnet50_2",
                         {"layer2", "layer3"},
                         {5, 1024, 1024}},
                    Case{"embed_wide_resnet50_2_layer1+layer2+layer3_p3_1024_384.safetensors",
                         "wide_resnet50_2",
                         {"layer1", "layer2", "layer3"},
                         {3, 1024, 384}},
                    Case{"embed_wide_resnet50_2_layer2_p1_512_512.safetensors",
                         "wide_resnet50_2",
                         {"layer2"},
                         {1, 512, 512}},
                    Case{"embed_wide_resnet101_2_layer2+layer3_p3_1024_384.safetensors",
                         "wide_resnet101_2",
                         {"layer2", "layer3"},
                         {3, 1024, 384}},
                    Case{"embed_resnext101_32x8d_layer2+layer3_p3_1024_384.safetensors",
                         "resnext101_32x8d",
                         {"layer2", "layer3"},
                         {3, 1024, 384}}));

// The last block of a layer and the layer are the same place; strides double from layer2 on.
TEST(Resnet, NamesBlocksAndLayers) {
  const auto network = make_backbone("resnet34", {"layer2", "layer2.3", "maxpool", "relu"},
                                     test::formula_weights("resnet34", {"layer2"}), "formula");
  EXPECT_EQ(network->max_stride(), 8);
  const FeatureMaps maps =
      network->extract({1, 64, 96, std::vector<float>(std::size_t{3} * 64 * 96, 0.25F)});
  EXPECT_EQ(maps[0].values, maps[1].values);
  EXPECT_EQ(maps[0].channels, 128);
  EXPECT_EQ(maps[0].height, 8);
  EXPECT_EQ(maps[0].width, 12);
  EXPECT_EQ(maps[2].height, 16);
  EXPECT_EQ(maps[3].height, 32);
}

}  // namespace patchcore
