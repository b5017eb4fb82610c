// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is known of a frame's patches before it is embedded: how many there are, and which
// of them a mask covers.
#include "core/frame_embedding.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

FrameEmbedding make_embedding(const std::string& backbone, const std::vector<std::string>& layers,
                              const PreprocessOptions& preprocess) {
  return FrameEmbedding(
      preprocess,
      make_backbone(backbone, layers, test::formula_weights(backbone, layers), "formula"),
      describe_backbone(backbone).embedding);
}

/// Black in its upper left corner alone.
InspectedPart masked_frame(Size frame) {
  InspectedPart part;
  part.rect = {0, 0, frame.width, frame.height};
  part.masked = part.rect;
  part.mask =
      std::make_shared<InspectionMask>(Size{2, 2}, std::vector<std::uint8_t>{0, 255, 255, 255});
  return part;
}

}  // namespace

// Networks round differently at the edges: VGG and DenseNet down, the others up.
TEST(FrameEmbedding, KnowsTheGridBeforehand) {
  struct Case {
    const char* backbone;
    std::vector<std::string> layers;
  };
  const test::StripedPicture picture(1, {150, 110});
  Workspace workspace;
  for (const Case& network :
       {Case{"resnet18", {"layer1", "layer2"}}, Case{"resnet18", {"layer3"}},
        Case{"efficientnet_lite0", {"blocks.10", "blocks.2"}}, Case{"vgg11", {"features.10"}},
        Case{"densenet121", {"features.transition1"}}}) {
    SCOPED_TRACE(network.backbone);
    PreprocessOptions preprocess;
    preprocess.area_side = 64;
    for (const Size size : {Size{0, 0}, Size{64, 96}, Size{65, 97}, Size{71, 79}, Size{78, 64}}) {
      preprocess.mode = size.width > 0 ? ResizeMode::exact : ResizeMode::area;
      preprocess.exact = size;
      const FrameEmbedding embedding = make_embedding(network.backbone, network.layers, preprocess);
      embedding.prepare(picture.view(), masked_frame(picture.size), workspace.prepared, workspace);
      const PatchGrid grid = embedding.embed(workspace.prepared.input, workspace);
      const IgnoredPatches& ignored = workspace.prepared.ignored;
      ASSERT_EQ(ignored.size(), static_cast<std::size_t>(grid.width) * grid.height)
          << size.width << "x" << size.height;
      EXPECT_EQ(ignored.front(), 1);
      EXPECT_EQ(ignored[grid.width - 1], 0);
      EXPECT_EQ(ignored.back(), 0);
    }
  }
}

TEST(FrameEmbedding, IgnoresNothingWithoutAMask) {
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, {});
  const test::StripedPicture picture(1);
  Workspace workspace;
  workspace.prepared.ignored = {1, 1, 1};
  InspectedPart part = masked_frame(picture.size);
  part.mask = nullptr;
  embedding.prepare(picture.view(), part, workspace.prepared, workspace);
  EXPECT_TRUE(workspace.prepared.ignored.empty());
}

TEST(FrameEmbedding, SaysBeforehandWhatItCannotPrepare) {
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, {});
  InspectedPart part = masked_frame({64, 64});
  EXPECT_NO_THROW(embedding.check(part));
  part.rect = {0, 0, 32, 32};
  EXPECT_ERROR(embedding.check(part), unsupported_frame, "leaves nothing");
  part.rect = {32, 32, 31, 32};
  EXPECT_ERROR(embedding.check(part), unsupported_frame, "too small");
}

}  // namespace patchcore
