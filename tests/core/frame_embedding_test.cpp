// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is known of a frame's patches before it is embedded: how many there are, and which
// of them a mask covers.
#include "core/frame_embedding.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/backbone/backbone_source.h"
#include "core/patch_matrix.h"
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

// Tile by tile, what each of them gives as a frame of its own, and never many at once.
TEST(FrameEmbedding, EmbedsTilesAsFramesOfTheirOwn) {
  PreprocessOptions preprocess;
  preprocess.area_side = 64;
  const FrameEmbedding whole = make_embedding("resnet18", {"layer2"}, preprocess);
  EXPECT_FALSE(whole.has_tiles());
  preprocess.tile_size = 50;
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, preprocess);
  EXPECT_TRUE(embedding.has_tiles());
  const test::StripedPicture picture(1, {170, 110});
  InspectedPart part;
  part.rect = {7, 5, 160, 101};
  Workspace workspace;
  PreparedFrame prepared;
  embedding.prepare(picture.view(), part, prepared, workspace);
  ASSERT_TRUE(prepared.tiles);
  EXPECT_EQ(prepared.inspected, part.rect);
  EXPECT_TRUE(prepared.input.values.empty());
  ASSERT_EQ(prepared.tiles->tiles.size(), 12U);

  PatchMatrix expected;
  for (const Tile& tile : prepared.tiles->tiles) {
    part.rect = tile.rect;
    whole.prepare(picture.view(), part, workspace.prepared, workspace);
    whole.embed(workspace.prepared.input, workspace);
    expected.columns = workspace.patches.columns;
    append_rows(expected, workspace.patches);
  }
  PatchMatrix found;
  std::size_t most = 0;
  embedding.embed_tiles(prepared, workspace, [&](const PatchMatrix& patches) {
    most = std::max(most, patches.rows);
    found.columns = patches.columns;
    append_rows(found, patches);
  });
  EXPECT_EQ(most, FrameEmbedding::tiles_at_once * 64);
  ASSERT_EQ(found.rows, expected.rows);
  EXPECT_EQ(found.values, expected.values);
  EXPECT_EQ(prepared.tiles->blending->position.size(), found.rows);
  EXPECT_EQ(workspace.joined.values.size(), 3U * 64 * 64 * FrameEmbedding::tiles_at_once);
}

// Black pixels anywhere in the frame, whichever tiles they fall in.
TEST(FrameEmbedding, DropsWhatTheMaskCoversFromEveryTile) {
  PreprocessOptions preprocess;
  preprocess.area_side = 64;
  preprocess.tile_size = 64;
  preprocess.tile_overlap = 0.25;
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, preprocess);
  const test::StripedPicture picture(1, {200, 160});
  Workspace workspace;
  PreparedFrame masked;
  embedding.prepare(picture.view(), masked_frame(picture.size), masked, workspace);
  InspectedPart part = masked_frame(picture.size);
  part.mask = nullptr;
  PreparedFrame all;
  embedding.prepare(picture.view(), part, all, workspace);
  EXPECT_TRUE(all.ignored.empty());
  const auto embed = [&](const PreparedFrame& frame) {
    PatchMatrix found;
    embedding.embed_tiles(frame, workspace, [&](const PatchMatrix& patches) {
      found.columns = patches.columns;
      append_rows(found, patches);
    });
    EXPECT_EQ(frame.tiles->blending->position.size(), found.rows);
    return found;
  };
  const PatchMatrix of_all = embed(all);
  const PatchMatrix of_masked = embed(masked);
  EXPECT_LT(masked.tiles->tiles.size(), all.tiles->tiles.size());
  ASSERT_EQ(masked.ignored.size(), all.tiles->blending->positions);
  // Those that are left, in their order.
  std::size_t next = 0;
  for (std::size_t i = 0; i < of_all.rows; ++i) {
    if (masked.ignored[all.tiles->blending->position[i]] != 0) continue;
    ASSERT_LT(next, of_masked.rows);
    ASSERT_TRUE(std::equal(of_all.row(i), of_all.row(i) + of_all.columns, of_masked.row(next)));
    ++next;
  }
  EXPECT_EQ(next, of_masked.rows);
  EXPECT_LT(next, of_all.rows);
}

TEST(FrameEmbedding, LeavesWhatIsNoLargerThanATileInOnePiece) {
  PreprocessOptions preprocess;
  preprocess.area_side = 64;
  const FrameEmbedding whole = make_embedding("resnet18", {"layer2"}, preprocess);
  preprocess.tile_size = 170;
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, preprocess);
  const test::StripedPicture picture(1, {170, 110});
  Workspace workspace;
  PreparedFrame prepared;
  // Its memory was that of a larger one.
  embedding.prepare(test::StripedPicture(1, {200, 200}).view(), masked_frame({200, 200}), prepared,
                    workspace);
  ASSERT_TRUE(prepared.tiles);
  embedding.prepare(picture.view(), masked_frame(picture.size), prepared, workspace);
  PreparedFrame expected;
  whole.prepare(picture.view(), masked_frame(picture.size), expected, workspace);
  EXPECT_FALSE(prepared.tiles);
  EXPECT_EQ(prepared.input.values, expected.input.values);
  EXPECT_EQ(prepared.ignored, expected.ignored);
}

TEST(FrameEmbedding, SharesThePlanOfEqualFrames) {
  PreprocessOptions preprocess;
  preprocess.area_side = preprocess.tile_size = 64;
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, preprocess);
  const test::StripedPicture picture(1, {160, 112});
  Workspace workspace;
  const InspectedPart part = masked_frame(picture.size);
  const auto plan = [&](const InspectedPart& of) {
    embedding.prepare(picture.view(), of, workspace.prepared, workspace);
    return workspace.prepared.tiles;
  };
  const auto first = plan(part);
  EXPECT_EQ(plan(part), first);
  EXPECT_NE(plan(masked_frame(picture.size)), first);  // another mask
  InspectedPart other = part;
  other.rect = {0, 0, 150, 112};
  EXPECT_NE(plan(other), first);
}

TEST(FrameEmbedding, SaysBeforehandWhatItCannotCutUp) {
  PreprocessOptions preprocess;
  preprocess.area_side = preprocess.tile_size = 64;
  const FrameEmbedding embedding = make_embedding("resnet18", {"layer2"}, preprocess);
  InspectedPart part = masked_frame({128, 128});
  EXPECT_NO_THROW(embedding.check(part));
  part.rect = {0, 0, 64, 64};
  EXPECT_ERROR(embedding.check(part), unsupported_frame, "leaves nothing");
  part.rect = {0, 0, 128, 31};
  EXPECT_ERROR(embedding.check(part), unsupported_frame, "too small");
  part.mask = std::make_shared<InspectionMask>(Size{200, 1}, [] {
    std::vector<std::uint8_t> pixels(200);
    pixels[100] = 255;
    return pixels;
  }());
  part.rect = {0, 0, 128, 128};
  EXPECT_ERROR(embedding.check(part), unsupported_frame, "leaves nothing");
}

}  // namespace patchcore
