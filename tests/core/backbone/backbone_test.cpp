// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the catalogue: every network can be described and built, its parameters are the
// published ones, and wrong names and files are told apart with messages that help.
#include "core/backbone/backbone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/options.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

const std::vector<std::string> layers = {"layer1.0"};

/// What make_backbone() and select_backbone_weights() say, which must be the same.
std::string message_of(const std::string& name, const std::vector<std::string>& asked,
                       const TensorTable& weights, ErrorCode expected) {
  std::string selecting;
  std::string making;
  try {
    select_backbone_weights(name, asked, weights, "some.pth");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), expected) << error.what();
    selecting = error.what();
  }
  try {
    make_backbone(name, asked, weights, "some.pth");
  } catch (const Error& error) {
    making = error.what();
  }
  EXPECT_EQ(making, selecting);
  EXPECT_NE(making, "");
  return making;
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace

TEST(Backbone, EveryNetworkHasLayersAndValidDefaults) {
  for (const std::string& name : backbone_names()) {
    const BackboneDescription description = describe_backbone(name);
    EXPECT_EQ(description.name, name);
    EXPECT_FALSE(description.how_to_get_weights.empty());
    EXPECT_NO_THROW(description.preprocess.validate());
    EXPECT_NO_THROW(description.embedding.validate());
    EXPECT_FALSE(backbone_parameters(name, description.default_layers).empty());
    std::vector<std::string> known = backbone_layers(name);
    std::sort(known.begin(), known.end());
    EXPECT_EQ(std::adjacent_find(known.begin(), known.end()), known.end()) << name;
  }
}

// The number of weights and biases as published, less head and classifier: a wrong width, depth or
// kernel anywhere changes it.
TEST(Backbone, NetworksHaveThePublishedNumberOfParameters) {
  const std::pair<const char*, std::int64_t> published[] = {
      {"efficientnet_lite0", 4652008 - 412160 - 1281000},
      {"efficientnet_lite1", 5416680 - 412160 - 1281000},
      {"efficientnet_lite2", 6092072 - 453120 - 1281000},
      {"efficientnet_b0", 5288548 - 1281000},
      {"efficientnet_b1", 7794184 - 1281000},
      {"efficientnet_b2", 9109994 - 1409000},
      {"efficientnet_b3", 12233232 - 1537000},
      {"efficientnet_b4", 19341616 - 1793000},
      {"efficientnet_b5", 30389784 - 2049000},
      {"efficientnet_b6", 43040704 - 2305000},
      {"efficientnet_b7", 66347960 - 2561000},
      {"tf_efficientnet_b0", 5288548 - 1281000},
      {"tf_efficientnet_b1", 7794184 - 1281000},
      {"tf_efficientnet_b2", 9109994 - 1409000},
      {"tf_efficientnet_b3", 12233232 - 1537000},
      {"tf_efficientnet_b4", 19341616 - 1793000},
      {"tf_efficientnet_b5", 30389784 - 2049000},
      {"tf_efficientnet_b6", 43040704 - 2305000},
      {"tf_efficientnet_b7", 66347960 - 2561000},
      {"densenet121", 7978856 - 1025000},
      {"densenet161", 28681000 - 2209000},
      {"densenet169", 14149480 - 1665000},
      {"densenet201", 20013928 - 1921000},
      {"vgg11", 132863336 - 123642856},
      {"vgg13", 133047848 - 123642856},
      {"vgg16", 138357544 - 123642856},
      {"vgg19", 143667240 - 123642856},
      {"vgg11_bn", 132868840 - 123642856},
      {"vgg13_bn", 133053736 - 123642856},
      {"vgg16_bn", 138365992 - 123642856},
      {"vgg19_bn", 143678248 - 123642856},
      {"resnet18", 11689512 - 513000},
      {"resnet34", 21797672 - 513000},
      {"resnet50", 25557032 - 2049000},
      {"resnet101", 44549160 - 2049000},
      {"resnet152", 60192808 - 2049000},
      {"resnet200", 64673832 - 2049000},
      {"wide_resnet50_2", 68883240 - 2049000},
      {"wide_resnet101_2", 126886696 - 2049000},
      {"resnext50_32x4d", 25028904 - 2049000},
      {"resnext101_32x8d", 88791336 - 2049000},
  };
  EXPECT_EQ(std::size(published), backbone_names().size());
  for (const auto& [name, expected] : published) {
    std::int64_t total = 0;
    for (const ParameterShape& parameter :
         backbone_parameters(name, {backbone_layers(name).back()})) {
      // Statistics are no parameters in the published counts.
      if (parameter.name.find("running_") != std::string::npos) continue;
      std::int64_t count = 1;
      for (const std::int64_t length : parameter.shape) count *= length;
      total += count;
    }
    EXPECT_EQ(total, expected) << name;
  }
}

TEST(Backbone, SelectsExactlyWhatTheLayersNeed) {
  TensorTable weights = test::formula_weights("resnet18", {"layer2"});
  weights["fc.weight"] = weights["conv1.weight"];
  const TensorTable selected = select_backbone_weights("resnet18", {"relu", "layer1"}, weights, "");
  EXPECT_EQ(selected.size(), 5U * (1 + 4));
  EXPECT_EQ(selected.count("layer1.1.conv2.weight"), 1U);
  EXPECT_EQ(selected.count("layer2.0.conv1.weight"), 0U);
  EXPECT_EQ(selected.count("fc.weight"), 0U);
  EXPECT_EQ(selected.at("conv1.weight").bytes, weights.at("conv1.weight").bytes);
}

// Checkpoints of torchvision's DenseNet and timm's EfficientNet name parameters in their own way.
TEST(Backbone, SelectsByTheNetworksNames) {
  struct Case {
    const char* network;
    const char* layer;
    const char* name;
    const char* stored;
  };
  for (const Case& network :
       {Case{"densenet121", "features.denseblock1", "features.denseblock1.denselayer2.norm1.weight",
             "features.denseblock1.denselayer2.norm.1.weight"},
        Case{"tf_efficientnet_b0", "blocks.1", "features.2.0.block.3.0.weight",
             "blocks.1.0.conv_pwl.weight"}}) {
    TensorTable weights = test::formula_weights(network.network, {network.layer});
    const TensorTable plain =
        select_backbone_weights(network.network, {network.layer}, weights, "");
    auto node = weights.extract(network.name);
    ASSERT_FALSE(node.empty());
    node.key() = network.stored;
    weights.insert(std::move(node));
    const TensorTable selected =
        select_backbone_weights(network.network, {network.layer}, weights, "");
    EXPECT_EQ(tensor_table_sha256(selected), tensor_table_sha256(plain));
  }
}

// What a bank file keeps must give the same features as the file that it was taken from.
TEST(Backbone, ComputesTheSameFromSelectedWeights) {
  const TensorTable weights = test::formula_weights("resnet18", {"layer3"});
  const TensorTable selected = select_backbone_weights("resnet18", {"layer1"}, weights, "");
  InputTensor input{1, 32, 32, std::vector<float>(3 * 32 * 32, 0.5F)};
  const FeatureMap a = make_backbone("resnet18", {"layer1"}, weights, "")->extract(input)[0];
  const FeatureMap b = make_backbone("resnet18", {"layer1"}, selected, "")->extract(input)[0];
  ASSERT_EQ(a.channels, 64);
  ASSERT_EQ(a.height, 8);
  EXPECT_TRUE(std::equal(a.values.get(), a.values.get() + 64 * 8 * 8, b.values.get()));
}

TEST(Backbone, UnknownNetworkListsTheKnownOnes) {
  try {
    describe_backbone("resnet19");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    expect_contains(error.what(), "resnet19");
    expect_contains(error.what(), "wide_resnet50_2");
  }
  EXPECT_THROW(backbone_layers(""), Error);
  EXPECT_THROW(backbone_parameters("vgg", {"features"}), Error);
}

TEST(Backbone, UnknownLayerListsTheKnownOnes) {
  const std::string resnet =
      message_of("resnet101", {"layer2", "layer9"}, {}, ErrorCode::not_found);
  expect_contains(resnet, "\"layer9\"");
  expect_contains(resnet, "layer3.0 to layer3.22, layer3,");
  expect_contains(message_of("efficientnet_lite0", {"blocks.16"}, {}, ErrorCode::not_found),
                  "blocks.0 to blocks.15");
  // Those between are none.
  expect_contains(message_of("vgg11", {"features.0"}, {}, ErrorCode::not_found),
                  "features.1, features.2, features.4, features.5, features.7,");
}

TEST(Backbone, RefusesNoLayerAndALayerTwice) {
  message_of("resnet18", {}, {}, ErrorCode::invalid_argument);
  expect_contains(message_of("resnet18", {"layer1", "layer1"}, {}, ErrorCode::invalid_argument),
                  "twice");
}

TEST(Backbone, NamesTheMissingTensorAndTheFile) {
  TensorTable weights = test::formula_weights("resnet18", layers);
  weights.erase("layer1.0.bn2.running_var");
  const std::string message = message_of("resnet18", layers, weights, ErrorCode::corrupt);
  expect_contains(message, "layer1.0.bn2.running_var");
  expect_contains(message, "some.pth");
  expect_contains(message, "another network");
}

TEST(Backbone, NamesBothShapesOfATensorOfAnotherNetwork) {
  const TensorTable weights = test::formula_weights("resnet50", layers);
  const std::string message = message_of("resnet18", layers, weights, ErrorCode::corrupt);
  expect_contains(message, "layer1.0.conv1.weight");
  expect_contains(message, "[64, 64, 3, 3]");
  expect_contains(message, "[64, 64, 1, 1]");
  expect_contains(message, "another network");
}

TEST(Backbone, RefusesQuantizedWeights) {
  TensorTable weights = test::formula_weights("resnet18", layers);
  StoredTensor& tensor = weights["bn1.bias"];
  tensor.type = ElementType::i8;
  tensor.bytes.resize(64);
  expect_contains(message_of("resnet18", layers, weights, ErrorCode::corrupt), "bn1.bias");
}

}  // namespace patchcore
