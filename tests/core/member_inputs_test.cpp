// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the members of an ensemble see of a frame: the same part, each with its own colours
// and its own grid.
#include "core/member_inputs.h"

#include <gtest/gtest.h>

#include "core/backbone/backbone.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

FrameEmbedding make_embedding(const std::string& name, const std::string& layer) {
  const BackboneDescription description = describe_backbone(name);
  PreprocessOptions preprocess = description.preprocess;
  preprocess.mode = ResizeMode::exact;
  preprocess.exact = {96, 64};
  preprocess.crop.reset();
  return FrameEmbedding(
      preprocess, make_backbone(name, {layer}, test::formula_weights(name, {layer}), "formula"),
      description.embedding);
}

class MemberInputsTest : public ::testing::Test {
 protected:
  InspectedPart whole_frame() const {
    InspectedPart part;
    part.rect = {0, 0, picture_.size.width, picture_.size.height};
    part.masked = part.rect;
    return part;
  }

  const FrameEmbedding fine_ = make_embedding("resnet18", "layer1");
  const FrameEmbedding coarse_ = make_embedding("resnet18", "layer2");
  const FrameEmbedding other_ = make_embedding("efficientnet_lite0", "blocks.2");
  const test::StripedPicture picture_{3, {128, 80}};
  PreparedFrame prepared_;
  Workspace workspace_;
};

}  // namespace

TEST_F(MemberInputsTest, AreWhatEachWouldPrepareAlone) {
  const std::vector<const FrameEmbedding*> members = {&fine_, &coarse_, &other_, &fine_};
  // Once more, with the memory of another frame.
  prepare_for_members(
      members, test::StripedPicture(1, {64, 64}).view(),
      [] {
        InspectedPart part;
        part.rect = {0, 0, 64, 64};
        return part;
      }(),
      prepared_, workspace_);
  prepare_for_members(members, picture_.view(), whole_frame(), prepared_, workspace_);
  ASSERT_EQ(prepared_.further.size(), 3U);
  for (std::size_t i = 0; i < members.size(); ++i) {
    PreparedFrame alone;
    members[i]->prepare(picture_.view(), whole_frame(), alone, workspace_);
    EXPECT_EQ(member_input(prepared_, i).values, alone.input.values);
    EXPECT_EQ(member_input(prepared_, i).width, 96);
    EXPECT_TRUE(member_ignored(prepared_, i).empty());
  }
  // The same colours are not computed twice.
  EXPECT_EQ(&member_input(prepared_, 1), &prepared_.input);
  EXPECT_NE(&member_input(prepared_, 2), &prepared_.input);
  EXPECT_NE(member_input(prepared_, 2).values, prepared_.input.values);
}

TEST_F(MemberInputsTest, AreMaskedOnTheGridOfEach) {
  InspectedPart part = whole_frame();
  part.mask =
      std::make_shared<InspectionMask>(Size{2, 2}, std::vector<std::uint8_t>{0, 255, 255, 255});
  prepare_for_members({&fine_, &coarse_, &other_}, picture_.view(), part, prepared_, workspace_);
  EXPECT_EQ(member_ignored(prepared_, 0).size(), 24U * 16U);
  EXPECT_EQ(member_ignored(prepared_, 1).size(), 12U * 8U);
  EXPECT_EQ(member_ignored(prepared_, 2), other_.ignored(part));
  EXPECT_EQ(member_ignored(prepared_, 0).front(), 1);
  EXPECT_EQ(member_ignored(prepared_, 1).front(), 1);
  EXPECT_EQ(member_ignored(prepared_, 1).back(), 0);
}

TEST_F(MemberInputsTest, RefuseFramesThatAreTooSmall) {
  InspectedPart part;
  part.rect = {0, 0, 16, 64};
  EXPECT_ERROR(prepare_for_members({&fine_, &other_}, picture_.view(), part, prepared_, workspace_),
               unsupported_frame, "too small");
}

TEST(SameGeometry, AsksForWhatTheModeUsesAlone) {
  PreprocessOptions a;
  PreprocessOptions b;
  b.mean = {0, 0, 0};
  b.exact = {64, 64};
  b.crop = Size{64, 64};
  EXPECT_TRUE(same_geometry(a, b));
  b.area_side = 128;
  EXPECT_FALSE(same_geometry(a, b));
  a.mode = b.mode = ResizeMode::exact;
  EXPECT_FALSE(same_geometry(a, b));
  a.exact = b.exact;
  EXPECT_FALSE(same_geometry(a, b));
  a.crop = b.crop;
  EXPECT_TRUE(same_geometry(a, b));
  a.mode = b.mode = ResizeMode::shorter_side;
  a.crop.reset();
  EXPECT_FALSE(same_geometry(a, b));
  a.crop = b.crop;
  EXPECT_TRUE(same_geometry(a, b));
  a.shorter_side = 300;
  EXPECT_FALSE(same_geometry(a, b));
  a = b;
  a.mode = ResizeMode::area;
  EXPECT_FALSE(same_geometry(a, b));
}

}  // namespace patchcore
