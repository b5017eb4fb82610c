// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects TorchScript backbones: which outputs they have, what becomes of tokens, and that a
// module that does something else is refused with a message that helps.
#include "core/backbone/torchscript.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torchscript_modules.h"

namespace patchcore {
namespace {

InputTensor numbered_input(int batch, int height, int width) {
  InputTensor input{batch, height, width, {}};
  input.values.resize(static_cast<std::size_t>(batch) * 3 * height * width);
  std::iota(input.values.begin(), input.values.end(), 0.0F);
  return input;
}

class TorchscriptTest : public testing::Test {
 protected:
  std::unique_ptr<Backbone> make(const std::string& body,
                                 const std::vector<std::string>& layers = {},
                                 Precision precision = Precision::fp32, Size typical = {64, 32},
                                 const std::string& settings = "") {
    test::write_torchscript(path_, body, settings);
    return make_torchscript_backbone(read_torchscript_file(path_), layers, precision, {}, typical);
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "net.pt";
};

}  // namespace

TEST_F(TorchscriptTest, GivesTheOutputsAskedFor) {
  const auto network = make(test::pyramid, {"coarse", "fine"});
  EXPECT_EQ(network->layers(), (std::vector<std::string>{"coarse", "fine"}));
  EXPECT_EQ(network->max_stride(), 16);
  const FeatureMaps maps = network->extract(numbered_input(2, 32, 64));
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].layer, "coarse");
  EXPECT_EQ(maps[0].batch, 2);
  EXPECT_EQ(maps[0].height, 2);
  EXPECT_EQ(maps[0].width, 4);
  EXPECT_EQ(maps[0].channels, 3);
  EXPECT_EQ(maps[1].height, 4);
  // Twice the mean of the first 8 x 8 pixels, of the second picture's second channel.
  const double mean = 32 * 64 * (3 + 1) + 3.5 * 64 + 3.5;
  EXPECT_FLOAT_EQ(maps[1].values.get()[maps[1].height * maps[1].width * 3 + 1],
                  static_cast<float>(2 * mean));
}

TEST_F(TorchscriptTest, HasAllOutputsByDefault) {
  EXPECT_EQ(make(test::pyramid)->layers(), (std::vector<std::string>{"fine", "coarse"}));
  EXPECT_EQ(make("return torch.relu(x)")->layers(), std::vector<std::string>{"0"});
  EXPECT_EQ(make("return [torch.relu(x), torch.neg(x)]")->layers(),
            (std::vector<std::string>{"0", "1"}));
  // What is no tensor keeps its number.
  EXPECT_EQ(make("return (torch.relu(x), None, torch.neg(x))")->layers(),
            (std::vector<std::string>{"0", "2"}));
}

// One token before those of the patches; the grid is read row by row.
TEST_F(TorchscriptTest, PutsTokensOnTheirGrid) {
  const std::string patches = "y = torch.avg_pool2d(x, [16, 16]).flatten(2).transpose(1, 2)\n";
  const std::string with_class = "return torch.cat([torch.zeros([1, 1, 3]), y], 1)";
  const FeatureMaps maps = make(patches + with_class)->extract(numbered_input(1, 32, 64));
  const FeatureMaps expected =
      make("return torch.avg_pool2d(x, [16, 16])")->extract(numbered_input(1, 32, 64));
  ASSERT_EQ(maps[0].height, 2);
  ASSERT_EQ(maps[0].width, 4);
  ASSERT_EQ(maps[0].channels, 3);
  for (int i = 0; i < 2 * 4 * 3; ++i)
    EXPECT_EQ(maps[0].values.get()[i], expected[0].values.get()[i]);
}

// A module may have been traced for a batch of one.
TEST_F(TorchscriptTest, TakesPicturesOneByOne) {
  const auto network = make("return torch.avg_pool2d(x, [8, 8]).view([1, 3, 4, 8])");
  const FeatureMaps both = network->extract(numbered_input(2, 32, 64));
  const FeatureMaps first = network->extract(numbered_input(1, 32, 64));
  ASSERT_EQ(both[0].batch, 2);
  for (int i = 0; i < 3 * 4 * 8; ++i) EXPECT_EQ(both[0].values.get()[i], first[0].values.get()[i]);
}

TEST_F(TorchscriptTest, LeavesItsInputAlone) {
  const auto network = make("x.neg_()\nreturn torch.avg_pool2d(x, [8, 8])");
  const InputTensor input = numbered_input(1, 32, 64);
  network->extract(input);
  EXPECT_EQ(input.values, numbered_input(1, 32, 64).values);
}

TEST_F(TorchscriptTest, ComputesWithTheNumbersAskedFor) {
  const InputTensor input = numbered_input(1, 32, 64);
  const FeatureMap exact = make(test::pyramid, {"fine"})->extract(input)[0];
  const FeatureMap coarse = make(test::pyramid, {"fine"}, Precision::bf16)->extract(input)[0];
  double difference = 0;
  for (int i = 0; i < 4 * 8 * 3; ++i) {
    const double value = exact.values.get()[i];
    EXPECT_NEAR(coarse.values.get()[i], value, 0.02 * value + 1);
    difference += std::abs(coarse.values.get()[i] - value);
  }
  EXPECT_GT(difference, 0);
}

TEST_F(TorchscriptTest, RefusesLayersThatAreNotThere) {
  EXPECT_ERROR(make(test::pyramid, {"fine", "finer"}), not_found, "fine, coarse");
  EXPECT_ERROR(make("return torch.relu(x)", {"1"}), not_found, "its outputs are 0");
  EXPECT_ERROR(make(test::pyramid, {"fine", "fine"}), invalid_argument, "twice");
}

TEST_F(TorchscriptTest, RefusesOutputsThatAreNoMaps) {
  EXPECT_ERROR(make("return x.flatten(1)"), invalid_argument, "[1, 6144]");
  EXPECT_ERROR(make("return torch.zeros([1, 100, 8])"), invalid_argument, "[1, 100, 8]");
  EXPECT_ERROR(make("return torch.zeros([2, 8, 4, 4])"), invalid_argument, "[2, 8, 4, 4]");
  EXPECT_ERROR(make("return torch.zeros([1, 0, 4, 4])"), invalid_argument, "[1, 0, 4, 4]");
  EXPECT_ERROR(make("return 5"), invalid_argument, "gives no tensor");
}

TEST_F(TorchscriptTest, RefusesOtherNumbersOfChannelsForOtherPictures) {
  const auto network = make("return torch.cat([x] * int(x.size(3) // 32), 1)");
  EXPECT_EQ(network->extract(numbered_input(1, 32, 64)).front().channels, 6);
  EXPECT_ERROR(network->extract(numbered_input(1, 32, 96)), unsupported_frame,
               "has 9 channels for a picture of 96x32 pixels and 6 for another one");
}

TEST_F(TorchscriptTest, SaysWhichSizeTheNetworkTakes) {
  const auto network =
      make(test::pyramid, {}, Precision::fp32, {64, 32}, R"({"input_size": [64, 32]})");
  EXPECT_NO_THROW(network->extract(numbered_input(1, 32, 64)));
  EXPECT_ERROR(network->extract(numbered_input(1, 64, 64)), unsupported_frame,
               "pictures of 64x32 pixels and not of 64x64");
  EXPECT_ERROR(make(test::pyramid, {}, Precision::fp32, {96, 96}, R"({"input_size": [64, 32]})"),
               unsupported_frame, "input-size=64x32");
}

// A file without settings cannot say so before.
TEST_F(TorchscriptTest, SaysThatAModuleFailsAtASize) {
  const auto network = make("return torch.avg_pool2d(x, [8, 8]).view([1, 3, 4, 8])");
  EXPECT_ERROR(network->extract(numbered_input(1, 64, 64)), internal, "input-size=WIDTHxHEIGHT");
  EXPECT_ERROR(network->extract(numbered_input(1, 32, 7)), unsupported_frame, "7x32");
}

TEST_F(TorchscriptTest, RefusesADamagedModule) {
  test::write_torchscript(path_, test::pyramid);
  TorchscriptFile file = read_torchscript_file(path_);
  for (const char* part : {"constants.pkl", "data.pkl"}) {
    TorchscriptFile damaged = file;
    const std::size_t at = damaged.bytes.rfind(part);
    ASSERT_NE(at, std::string::npos);
    damaged.bytes[at] = 'X';
    EXPECT_ERROR(make_torchscript_backbone(damaged, {}, Precision::fp32, {}, {64, 32}), corrupt,
                 path_);
  }
}

}  // namespace patchcore
