// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is done with a TorchScript file before it is executed, and that it is not executed
// unasked.
#include "core/backbone/torchscript_file.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/weights/sha256.h"
#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torchscript_modules.h"

namespace patchcore {
namespace {

class TorchscriptFileTest : public testing::Test {
 protected:
  TorchscriptSettings settings_of(const std::string& json) {
    test::write_torchscript(path_, test::pyramid, json);
    return read_torchscript_file(path_).settings;
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "net.pt";
};

}  // namespace

TEST_F(TorchscriptFileTest, IsToldByItsEnding) {
  EXPECT_TRUE(is_torchscript_name("net.pt"));
  EXPECT_TRUE(is_torchscript_name("/some/folder/net.pt"));
  for (const char* name : {"resnet18", "net.pth", "net.pt.bak", "", "pt"})
    EXPECT_FALSE(is_torchscript_name(name)) << name;
  EXPECT_EQ(torchscript_name("/some/folder/net.pt"), "net.pt");
  EXPECT_EQ(torchscript_name("net.pt"), "net.pt");
}

TEST_F(TorchscriptFileTest, ReadsTheSettingsAndTheBytes) {
  const TorchscriptSettings settings = settings_of(
      R"({"layers": ["b", "a"], "input_size": [320, 224], "mean": [0.5, 0.25, 0], "deviation": [1, 2, 3], "network": "x"})");
  EXPECT_EQ(settings.layers, (std::vector<std::string>{"b", "a"}));
  ASSERT_TRUE(settings.input_size);
  EXPECT_EQ(*settings.input_size, (Size{320, 224}));
  EXPECT_EQ(settings.mean, (std::array<float, 3>{0.5F, 0.25F, 0}));
  EXPECT_EQ(settings.deviation, (std::array<float, 3>{1, 2, 3}));

  const TorchscriptFile file = read_torchscript_file(path_);
  const std::string bytes = test::read_whole_file(path_);
  EXPECT_EQ(file.bytes, bytes);
  Sha256 sha256;
  sha256.add(bytes.data(), bytes.size());
  EXPECT_EQ(file.sha256, sha256.digest());
}

TEST_F(TorchscriptFileTest, NeedsNoSettings) {
  const TorchscriptSettings settings = settings_of("");
  EXPECT_TRUE(settings.layers.empty());
  EXPECT_FALSE(settings.input_size);
  EXPECT_FLOAT_EQ(settings.mean[0], 0.485F);
}

TEST_F(TorchscriptFileTest, RefusesFaultySettings) {
  for (const char* json :
       {"[]", "{", R"({"mean": [1, 2]})", R"({"mean": [1, 2, "3"]})", R"({"deviation": 1})",
        R"({"input_size": 224})", R"({"input_size": [224, 0]})", R"({"input_size": [1e9, 224]})",
        R"({"input_size": [99999, 224]})", R"({"layers": [1]})"}) {
    SCOPED_TRACE(json);
    EXPECT_ERROR(settings_of(json), corrupt, path_);
  }
  EXPECT_ERROR(settings_of("{\"x\": \"" + std::string(70000, 'y') + "\"}"), corrupt, "too long");
}

TEST_F(TorchscriptFileTest, RefusesOtherFiles) {
  EXPECT_ERROR(read_torchscript_file(folder_ / "none.pt"), not_found, "none.pt");
  test::write_whole_file(path_, "not an archive");
  EXPECT_ERROR(read_torchscript_file(path_), corrupt, path_);
  test::write_torchscript(path_, test::pyramid);
  const std::string whole = test::read_whole_file(path_);
  test::write_whole_file(path_, whole.substr(0, whole.size() / 2));
  EXPECT_ERROR(read_torchscript_file(path_), corrupt, path_);
}

TEST_F(TorchscriptFileTest, IsFoundByItsNameInTheFoldersOfWeights) {
  test::write_torchscript(path_, test::pyramid);
  EXPECT_EQ(find_torchscript_file("other.pt", path_), path_);
  EXPECT_ERROR(find_torchscript_file("net.pt", folder_ / "none.pt"), not_found, "none.pt");
  const char* before = std::getenv("PATCHCORE_WEIGHTS_PATH");
  const std::string kept = before != nullptr ? before : "";
  setenv("PATCHCORE_WEIGHTS_PATH", folder_.path().c_str(), 1);
  EXPECT_EQ(find_torchscript_file("net.pt", ""), path_);
  // A bank cannot lead elsewhere.
  EXPECT_EQ(find_torchscript_file("/tmp/other/net.pt", ""), path_);
  EXPECT_ERROR(find_torchscript_file("none.pt", ""), not_found, folder_.path());
  setenv("PATCHCORE_WEIGHTS_PATH", kept.c_str(), 1);
}

TEST_F(TorchscriptFileTest, DescribesTheInputThatTheNetworkNeeds) {
  test::write_torchscript(path_, test::pyramid,
                          R"({"layers": ["fine"], "input_size": [448, 448]})");
  const BackboneDescription fixed = describe_torchscript(read_torchscript_file(path_));
  EXPECT_EQ(fixed.name, "net.pt");
  EXPECT_EQ(fixed.default_layers, std::vector<std::string>{"fine"});
  EXPECT_EQ(fixed.preprocess.shorter_side, 512);
  EXPECT_EQ(fixed.preprocess.crop, (Size{448, 448}));
  EXPECT_NO_THROW(fixed.preprocess.validate());
  test::write_torchscript(path_, test::pyramid);
  EXPECT_EQ(describe_torchscript(read_torchscript_file(path_)).preprocess.crop, (Size{224, 224}));
}

TEST(TorchscriptPermission, IsNeededAndSaysWhy) {
  EXPECT_NO_THROW(require_torchscript_allowed(true, "net.pt"));
  EXPECT_ERROR(require_torchscript_allowed(false, "net.pt"), invalid_argument, "is a program");
  EXPECT_ERROR(require_torchscript_allowed(false, "net.pt"), invalid_argument,
               "allow-torchscript=true");
}

}  // namespace patchcore
