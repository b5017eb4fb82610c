// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how people describe ensembles.
#include "core/ensemble_settings.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

using Texts = std::vector<std::string>;

/// "name:layer+layer:weights" of each member.
Texts members(const std::string& backbone, const std::string& layers, const std::string& weights) {
  Texts texts;
  for (const BackboneOptions& member : parse_members(backbone, layers, weights)) {
    std::string text = member.name + ':';
    for (const std::string& layer : member.layers) text += '+' + layer;
    texts.push_back(text + ':' + member.weights);
  }
  return texts;
}

}  // namespace

TEST(EnsembleSettings, OneOfEachIsASingleBank) {
  EXPECT_EQ(members("a", "", ""), (Texts{"a::"}));
  EXPECT_EQ(members("a", "  ", ""), (Texts{"a::"}));
  EXPECT_EQ(members("a", " x, y ", "w.pth"), (Texts{"a:+x+y:w.pth"}));
  // A file's name is its own affair.
  EXPECT_EQ(members("a", "x", "w;v.pth"), (Texts{"a:+x:w;v.pth"}));
  EXPECT_FALSE(parse_members("a", "", "").front().allow_torchscript);
  EXPECT_TRUE(parse_members("a;b", "", "", true).back().allow_torchscript);
}

TEST(EnsembleSettings, TheLongerListSaysHowManyMembers) {
  EXPECT_EQ(members("a", "x;y", ""), (Texts{"a:+x:", "a:+y:"}));
  EXPECT_EQ(members("a; b", "x,y", ""), (Texts{"a:+x+y:", "b:+x+y:"}));
  EXPECT_EQ(members("a;b", "x,y;z", "v;w"), (Texts{"a:+x+y:v", "b:+z:w"}));
  EXPECT_EQ(members("a;b", "", ";w"), (Texts{"a::", "b::w"}));
  EXPECT_EQ(members("a;b", "x;", ""), (Texts{"a:+x:", "b::"}));
  EXPECT_EQ(members("a", "x;y", "w"), (Texts{"a:+x:w", "a:+y:w"}));
}

TEST(EnsembleSettings, RefusesWhatFitsNoMembers) {
  EXPECT_ERROR(parse_members("a;b", "x;y;z", ""), invalid_argument, "setting backbone \"a;b\"");
  EXPECT_ERROR(parse_members("a;b;c", "x;y", ""), invalid_argument, "setting layers \"x;y\"");
  EXPECT_ERROR(parse_members("a;b", "", "u;v;w"), invalid_argument, "for 3 members");
  EXPECT_ERROR(parse_members("a;", "", ""), invalid_argument, "name that is empty");
  EXPECT_ERROR(parse_members("a", "x,,y", ""), invalid_argument, "x,,y");
  EXPECT_ERROR(parse_members("a;b", "x;y,", ""), invalid_argument, "\"y,\"");
}

TEST(EnsembleSettings, JoinsWhatItSplits) {
  EXPECT_EQ(join_members(split_for_members("weights", "a;;b", 3)), "a;;b");
  EXPECT_EQ(split_for_members("weights", "a", 3), (Texts{"a", "a", "a"}));
  EXPECT_EQ(join_members({"a"}), "a");
  EXPECT_EQ(split_for_members("weights", join_members({"", "b"}), 2), (Texts{"", "b"}));
  EXPECT_EQ(join_layers({"layer2", "layer3"}), "layer2,layer3");
  EXPECT_EQ(join_layers({}), "");
}

}  // namespace patchcore
