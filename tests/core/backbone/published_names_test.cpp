// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what users of the published implementation type: each of its names is answered.
#include "core/backbone/published_names.h"

#include <gtest/gtest.h>

#include <set>

#include "core/backbone/backbone.h"
#include "tests/support/expect_error.h"

namespace patchcore {

TEST(PublishedNames, AreAsManyAsPublished) {
  const std::vector<std::string> names = published_names();
  EXPECT_EQ(names.size(), 41U);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 41U);
}

TEST(PublishedNames, AreANetworkOrTheCommandThatMakesIt) {
  int native = 0;
  for (const std::string& name : published_names()) {
    SCOPED_TRACE(name);
    const std::string command = export_command(name);
    if (command.empty()) {
      ++native;
      EXPECT_EQ(describe_backbone(name).name, native_name(name));
      EXPECT_FALSE(backbone_layers(name).empty());
    } else {
      EXPECT_EQ(native_name(name), name);
      EXPECT_ERROR(describe_backbone(name), not_found, command.c_str());
    }
  }
  EXPECT_EQ(native, 16);
}

TEST(PublishedNames, MeanTheNetworksThatThePublishedCodeTakes) {
  EXPECT_EQ(native_name("wideresnet50"), "wide_resnet50_2");
  EXPECT_EQ(native_name("resnext101"), "resnext101_32x8d");
  EXPECT_EQ(export_command("vit_base"),
            "examples/export-backbone.py timm:vit_base_patch16_224 vit_base.pt");
}

TEST(PublishedNames, LeaveOtherNamesAlone) {
  for (const char* name : {"", "resnet18", "wide_resnet50_2", "nothing"}) {
    EXPECT_EQ(native_name(name), name);
    EXPECT_EQ(export_command(name), "");
  }
}

}  // namespace patchcore
