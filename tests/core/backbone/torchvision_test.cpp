// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the native networks: with the same weights, torchvision's own code gives the same
// features to 1e-4. torchvision_outputs.py runs that code.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

constexpr int no_torchvision = 77;

/// At least the default layers and the last one, and one of each kind of step.
const std::map<std::string, std::vector<std::string>> networks = {
    {"vgg11", {"features.1", "features.2", "features.15", "features.20"}},
    {"vgg13", {"features.21", "features.24"}},
    {"vgg16", {"features.22", "features.29", "features.30"}},
    {"vgg19", {"features.26", "features.35", "features.36"}},
    {"vgg11_bn", {"features.2", "features.20", "features.27", "features.28"}},
    {"vgg13_bn", {"features.34"}},
    {"vgg16_bn", {"features.42", "features.43"}},
    {"vgg19_bn", {"features.51", "features.52"}},
    {"densenet121",
     {"features.relu0", "features.pool0", "features.denseblock1", "features.transition1",
      "features.denseblock2", "features.denseblock3", "features.denseblock4", "features.norm5"}},
    {"densenet161", {"features.denseblock2", "features.denseblock3", "features.norm5"}},
    {"densenet169", {"features.denseblock3", "features.norm5"}},
    {"densenet201", {"features.denseblock3", "features.norm5"}},
    {"efficientnet_b0", {"features.0", "features.1.0", "features.3", "features.5", "features.8"}},
    {"efficientnet_b1", {"features.1", "features.2.1", "features.5", "features.8"}},
    {"efficientnet_b2", {"features.5", "features.8"}},
    {"efficientnet_b3", {"features.5", "features.8"}},
    {"efficientnet_b4", {"features.5", "features.8"}},
    {"efficientnet_b5", {"features.5", "features.8"}},
    {"efficientnet_b6", {"features.5", "features.8"}},
    {"efficientnet_b7", {"features.5", "features.8"}},
    {"tf_efficientnet_b0", {"blocks.0.0", "blocks.2", "blocks.4", "blocks.6"}},
    {"tf_efficientnet_b1", {"blocks.1.1", "blocks.4", "blocks.6"}},
    {"tf_efficientnet_b5", {"blocks.4"}},
    {"resnet34", {"relu", "maxpool", "layer1.0", "layer2", "layer4"}},
    {"resnet152", {"layer3", "layer4"}},
    {"resnext50_32x4d", {"layer2", "layer4"}},
};

int run(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0 ||
      waitpid(child, &status, 0) != child || !WIFEXITED(status))
    return -1;
  return WEXITSTATUS(status);
}

/// Torchvision runs once, for all networks.
class Torchvision : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/outputs.safetensors";
    std::vector<std::string> arguments = {"/usr/bin/python3", PATCHCORE_TORCHVISION_OUTPUTS, path};
    for (const auto& [name, layers] : networks) {
      std::string argument = name;
      for (const std::string& layer : layers) argument += (argument == name ? '=' : ',') + layer;
      arguments.push_back(argument);
    }
    status = run(arguments);
    if (status == 0) outputs = std::make_unique<Safetensors>(read_safetensors(path));
  }
  static void TearDownTestSuite() { outputs.reset(); }

  static int status;
  static std::unique_ptr<Safetensors> outputs;
};

int Torchvision::status = -1;
std::unique_ptr<Safetensors> Torchvision::outputs;

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const auto& network : networks) names.push_back(network.first);
  return names;
}

}  // namespace

TEST_P(Torchvision, GivesTheSameFeatures) {
  if (status == no_torchvision)
    GTEST_SKIP() << "/usr/bin/python3 has no torchvision: install python3-torchvision";
  ASSERT_EQ(status, 0);
  use_threads(0);
  const std::string& name = GetParam();
  const std::vector<std::string>& layers = networks.at(name);
  const StoredTensor& picture = require_tensor(outputs->tensors, "input", "");
  InputTensor input;
  input.batch = static_cast<int>(picture.shape[0]);
  input.height = static_cast<int>(picture.shape[2]);
  input.width = static_cast<int>(picture.shape[3]);
  input.values = picture.to_floats();

  const FeatureMaps maps =
      make_backbone(name, layers, test::formula_weights(name, layers), "formula")->extract(input);
  for (const FeatureMap& map : maps) {
    SCOPED_TRACE(map.layer);
    const StoredTensor& expected =
        require_tensor(outputs->tensors, name + "/" + map.layer, "torchvision's outputs");
    ASSERT_EQ(expected.shape,
              (std::vector<std::int64_t>{map.batch, map.channels, map.height, map.width}));
    const std::vector<float> values = expected.to_floats();
    double largest = 0;
    double difference = 0;
    std::size_t index = 0;
    for (int picture_index = 0; picture_index < map.batch; ++picture_index) {
      for (int channel = 0; channel < map.channels; ++channel) {
        for (int position = 0; position < map.height * map.width; ++position) {
          const std::size_t at =
              (std::size_t{1} * picture_index * map.height * map.width + position) * map.channels +
              channel;
          const double value = values[index++];
          largest = std::max(largest, std::abs(value));
          difference = std::max(difference, std::abs(map.values.get()[at] - value));
        }
      }
    }
    // Of the values themselves where they are small.
    EXPECT_GT(largest, 0);
    EXPECT_LE(difference, 1e-4 * std::min(largest, 1.0));
    RecordProperty(map.layer, std::to_string(difference) + " of " + std::to_string(largest));
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Torchvision, testing::ValuesIn(network_names()),
                         [](const auto& network) { return network.param; });

}  // namespace patchcore
