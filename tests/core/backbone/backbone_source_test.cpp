// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects where backbones come from: both kinds, for training and for a bank, and that code needs
// permission and the right checksum.
#include "core/backbone/backbone_source.h"

#include <gtest/gtest.h>

#include "core/backbone/precision.h"
#include "core/input_settings.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"
#include "tests/support/torchscript_modules.h"

namespace patchcore {
namespace {

class BackboneSourceTest : public testing::Test {
 protected:
  BackboneSourceTest() { test::write_torchscript(module_, test::pyramid); }

  BackboneOptions native_options() const {
    BackboneOptions options;
    options.name = "resnet18";
    options.layers = {"layer2"};
    options.weights = weights_;
    return options;
  }

  BackboneOptions torchscript_options() const {
    BackboneOptions options;
    options.name = module_;
    options.allow_torchscript = true;
    return options;
  }

  test::TemporaryFolder folder_;
  std::string weights_ = test::write_tiny_weights(folder_.path());
  std::string module_ = folder_ / "net.pt";
  PreprocessOptions preprocess_ = apply_input_settings({}, "64", "none");
};

}  // namespace

TEST_F(BackboneSourceTest, IsANativeNetworkWithItsWeights) {
  const auto source = find_backbone(native_options());
  EXPECT_EQ(source->description().name, "resnet18");
  EXPECT_EQ(source->make(Precision::fp32, {}, preprocess_)->layers(),
            std::vector<std::string>{"layer2"});
  const std::string sha256 = source->sha256();
  const TensorTable weights = source->take_weights();
  EXPECT_EQ(tensor_table_sha256(weights), sha256);
  EXPECT_EQ(weights.count("layer3.0.conv1.weight"), 0U);
}

TEST_F(BackboneSourceTest, TakesPublishedNames) {
  BackboneOptions options = native_options();
  options.name = "wideresnet50";
  EXPECT_ERROR(find_backbone(options), corrupt, "wide_resnet50_2 needs");
}

TEST_F(BackboneSourceTest, IsATorchscriptFile) {
  const auto source = find_backbone(torchscript_options());
  EXPECT_EQ(source->description().name, "net.pt");
  EXPECT_EQ(source->make(Precision::fp32, {}, preprocess_)->layers(),
            (std::vector<std::string>{"fine", "coarse"}));
  EXPECT_EQ(source->sha256().size(), 64U);
  EXPECT_TRUE(source->take_weights().empty());
}

TEST_F(BackboneSourceTest, TakesTheLayersThatTheFileNames) {
  test::write_torchscript(module_, test::pyramid, R"({"layers": ["coarse"]})");
  BackboneOptions options = torchscript_options();
  EXPECT_EQ(find_backbone(options)->make(Precision::fp32, {}, preprocess_)->layers(),
            std::vector<std::string>{"coarse"});
  options.layers = {"fine"};
  EXPECT_EQ(find_backbone(options)->make(Precision::fp32, {}, preprocess_)->layers(),
            std::vector<std::string>{"fine"});
}

// Tracing fixes the kinds of numbers.
TEST_F(BackboneSourceTest, ComputesAsATorchscriptFileIsUnlessAskedForOtherwise) {
  const auto source = find_backbone(torchscript_options());
  EXPECT_EQ(source->resolve_precision(Precision::automatic, {}), Precision::fp32);
  EXPECT_EQ(source->resolve_precision(Precision::automatic, {DeviceKind::cuda, 0}),
            Precision::fp32);
  EXPECT_EQ(source->resolve_precision(Precision::bf16, {}), Precision::bf16);
  EXPECT_ERROR(source->resolve_precision(Precision::fp16, {}), invalid_argument, "GPU");
  EXPECT_EQ(find_backbone(native_options())->resolve_precision(Precision::automatic, {}),
            resolve_precision(Precision::automatic, precision_support()));
}

TEST_F(BackboneSourceTest, ExecutesNoCodeUnasked) {
  BackboneOptions options = torchscript_options();
  options.allow_torchscript = false;
  EXPECT_ERROR(find_backbone(options), invalid_argument, "allow-torchscript=true");
  BankBackbone bank{"net.pt", {"fine"}, {}, find_backbone(torchscript_options())->sha256()};
  EXPECT_ERROR(find_bank_backbone(bank, "some.bank", module_, false), invalid_argument,
               "allow-torchscript=true");
}

TEST_F(BackboneSourceTest, RefusesWeightsBesideATorchscriptFile) {
  BackboneOptions options = torchscript_options();
  options.weights = weights_;
  EXPECT_ERROR(find_backbone(options), invalid_argument, "weights");
}

TEST_F(BackboneSourceTest, GivesABankItsTorchscriptFile) {
  const BankBackbone bank{"net.pt", {"fine"}, {}, find_backbone(torchscript_options())->sha256()};
  const auto source = find_bank_backbone(bank, "some.bank", module_, true);
  EXPECT_EQ(source->make(Precision::fp32, {}, preprocess_)->layers(),
            std::vector<std::string>{"fine"});
  EXPECT_ERROR(find_bank_backbone(bank, "some.bank", "", true), not_found, "net.pt");
  EXPECT_ERROR(find_bank_backbone(bank, "some.bank", folder_ / "none.pt", true), not_found,
               "none.pt");
}

// Of the same name is not enough.
TEST_F(BackboneSourceTest, RefusesAnotherTorchscriptFileThanTheBanks) {
  const BankBackbone bank{"net.pt", {"fine"}, {}, find_backbone(torchscript_options())->sha256()};
  test::write_torchscript(module_, std::string("x = torch.neg(x)\n") + test::pyramid);
  EXPECT_ERROR(find_bank_backbone(bank, "some.bank", module_, true), invalid_argument, "some.bank");
}

TEST_F(BackboneSourceTest, GivesABankItsWeights) {
  const auto trained = find_backbone(native_options());
  const std::string sha256 = trained->sha256();
  const BankBackbone without{"resnet18", {"layer2"}, {}, sha256};
  EXPECT_EQ(find_bank_backbone(without, "some.bank", weights_, false)->sha256(), sha256);
  BankBackbone other = without;
  other.sha256[0] = other.sha256[0] == '0' ? '1' : '0';
  EXPECT_ERROR(find_bank_backbone(other, "some.bank", weights_, false), invalid_argument,
               "some.bank");
  const BankBackbone with{"resnet18", {"layer2"}, trained->take_weights(), sha256};
  EXPECT_EQ(find_bank_backbone(with, "some.bank", "", false)->sha256(), sha256);
}

}  // namespace patchcore
