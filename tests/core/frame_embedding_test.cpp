// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is known of a frame's patches before it is embedded: how many there are, and which
// of them a mask covers.
#include "core/frame_embedding.h"

#include <gtest/gtest.h>

#include "core/backbone/backbone_source.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"
#include "tests/support/torchscript_modules.h"

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

// Without zeros at the borders, as Inception's stem, 8 pixels a step are not a grid of an eighth.
TEST(FrameEmbedding, MeasuresTheGridsThatANetworkDoesNotSay) {
  const test::TemporaryFolder folder;
  BackboneOptions options;
  options.name = folder / "net.pt";
  options.allow_torchscript = true;
  test::write_torchscript(options.name, "return torch.avg_pool2d(x, [9, 9], [8, 8])");
  const auto source = find_backbone(options);
  PreprocessOptions preprocess;
  preprocess.area_side = 64;
  const FrameEmbedding embedding(preprocess, source->make(Precision::fp32, {}, preprocess),
                                 source->description().embedding);
  Workspace workspace;
  for (const Size size : {Size{64, 64}, Size{150, 50}, Size{64, 64}}) {
    const test::StripedPicture picture(1, size);
    embedding.prepare(picture.view(), masked_frame(size), workspace.prepared, workspace);
    const PatchGrid grid = embedding.embed(workspace.prepared.input, workspace);
    EXPECT_EQ(workspace.prepared.input.width % 32, 0);
    EXPECT_EQ(grid.width, workspace.prepared.input.width / 8 - 1);
    EXPECT_EQ(workspace.prepared.ignored.size(),
              static_cast<std::size_t>(grid.width) * grid.height);
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
