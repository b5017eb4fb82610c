// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects where weights are found, in which order, and what people are told when they are not.
#include "core/weights/weights_search.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "core/error.h"
#include "core/weights/safetensors.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

class WeightsSearch : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"listed", "user/patchcore/weights", "system/patchcore/weights"}) {
      std::filesystem::create_directories(folder_ / name);
    }
    setenv("PATCHCORE_WEIGHTS_PATH", (folder_ / "missing" + ":" + (folder_ / "listed")).c_str(), 1);
    setenv("XDG_DATA_HOME", (folder_ / "user").c_str(), 1);
    setenv("XDG_DATA_DIRS", (folder_ / "system").c_str(), 1);
  }

  std::string touch(const std::string& name) {
    test::write_whole_file(folder_ / name, "x");
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
};

}  // namespace

TEST_F(WeightsSearch, TakesTheFileThatIsNamed) {
  const std::string path = touch("any-name");
  EXPECT_EQ(find_weights("resnet18", path, ""), path);
}

TEST_F(WeightsSearch, LooksInTheListThenTheUsersThenTheSystemsFolder) {
  const std::string system = touch("system/patchcore/weights/resnet18.pth");
  EXPECT_EQ(find_weights("resnet18", "", ""), system);
  const std::string user = touch("user/patchcore/weights/resnet18.pth");
  EXPECT_EQ(find_weights("resnet18", "", ""), user);
  const std::string listed = touch("listed/resnet18.pth");
  EXPECT_EQ(find_weights("resnet18", "", ""), listed);
}

TEST_F(WeightsSearch, KnowsTheNamesThatHubsGive) {
  const std::string with_hash = touch("listed/efficientnet-lite0-57934424.pth");
  EXPECT_EQ(find_weights("efficientnet_lite0", "", ""), with_hash);
  const std::string plain = touch("listed/efficientnet_lite0.safetensors");
  EXPECT_EQ(find_weights("efficientnet_lite0", "", ""), plain);
}

TEST_F(WeightsSearch, DoesNotTakeAnotherNetworksFile) {
  touch("listed/resnet18_swsl.pth");
  touch("listed/resnet180.pth");
  touch("listed/resnet18.txt");
  EXPECT_THROW(find_weights("resnet18", "", ""), Error);
}

TEST_F(WeightsSearch, SaysWhereItLookedAndHowToGetThem) {
  try {
    find_weights("resnet18", "", "Ask the baker.");
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    for (const std::string& word :
         {std::string("resnet18"), folder_ / "listed", folder_ / "user/patchcore/weights",
          folder_ / "system/patchcore/weights", std::string("Ask the baker.")}) {
      EXPECT_NE(message.find(word), std::string::npos) << word << " in: " << message;
    }
  }
}

TEST_F(WeightsSearch, NamesAMissingFile) {
  try {
    find_weights("resnet18", folder_ / "none.pth", "Ask the baker.");
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("none.pth"), std::string::npos);
  }
}

TEST_F(WeightsSearch, TellsTheKindByTheContent) {
  Safetensors file;
  const float value = 3;
  file.tensors["a"] = StoredTensor::from_floats({1}, &value);
  const std::string path = folder_ / "misnamed.pth";
  write_safetensors(path, file);
  EXPECT_EQ(read_weights(path).at("a").to_floats(), std::vector<float>{3});
}

TEST_F(WeightsSearch, RefusesWhatIsNoWeightsFile) {
  for (const std::string content : {"", "x", "<html>not found</html>", "\x89PNG\r\n\x1a\n...."}) {
    test::write_whole_file(folder_ / "wrong.pth", content);
    try {
      read_weights(folder_ / "wrong.pth");
      FAIL() << "nothing thrown for '" << content << "'";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("wrong.pth"), std::string::npos) << error.what();
    }
  }
}

}  // namespace patchcore
