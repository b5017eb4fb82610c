// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that the properties of patchcoretrain reach the engine as they were set, and that those
// that were not set leave the choice to the engine.
#include "gst/gstpatchcoretrainsettings.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace {

using Layers = std::vector<std::string>;
using patchcore::TrainerOptions;

Layers layers_of(const std::string& text) {
  GstPatchCoreTrainSettings settings;
  settings.layers = text;
  return settings.trainer_options().backbone.layers;
}

TEST(PatchCoreTrainSettings, DefaultsAreTheEnginesOwn) {
  const TrainerOptions ours = GstPatchCoreTrainSettings().trainer_options();
  const TrainerOptions theirs;

  EXPECT_EQ(ours.backbone.name, theirs.backbone.name);
  EXPECT_EQ(ours.backbone.layers, theirs.backbone.layers);
  EXPECT_EQ(ours.backbone.weights, theirs.backbone.weights);
  EXPECT_EQ(ours.input_size, theirs.input_size);
  EXPECT_EQ(ours.crop, theirs.crop);
  EXPECT_EQ(ours.tile_size, theirs.tile_size);
  EXPECT_EQ(ours.tile_overlap, theirs.tile_overlap);
  EXPECT_EQ(ours.region, theirs.region);
  EXPECT_EQ(ours.mask, theirs.mask);
  EXPECT_EQ(ours.patch_size, theirs.patch_size);
  EXPECT_EQ(ours.pretrain_embed_dimension, theirs.pretrain_embed_dimension);
  EXPECT_EQ(ours.target_embed_dimension, theirs.target_embed_dimension);
  EXPECT_EQ(ours.coreset.sampler, theirs.coreset.sampler);
  EXPECT_EQ(ours.coreset.ratio, theirs.coreset.ratio);
  EXPECT_EQ(ours.coreset.max_patches, theirs.coreset.max_patches);
  EXPECT_EQ(ours.coreset.seed, theirs.coreset.seed);
  EXPECT_EQ(ours.scoring.mode, theirs.scoring.mode);
  EXPECT_EQ(ours.scoring.neighbours, theirs.scoring.neighbours);
  EXPECT_EQ(ours.scoring.image_score, theirs.scoring.image_score);
  EXPECT_EQ(ours.index, theirs.index);
  EXPECT_EQ(ours.store_weights, theirs.store_weights);
  EXPECT_EQ(ours.threads, theirs.threads);
  EXPECT_EQ(ours.device, theirs.device);
}

TEST(PatchCoreTrainSettings, TheImageScoreReachesTheEngine) {
  GstPatchCoreTrainSettings settings;
  settings.image_score = patchcore::ImageScore::top;
  EXPECT_EQ(settings.trainer_options().scoring.image_score, patchcore::ImageScore::top);
}

TEST(PatchCoreTrainSettings, ThePermissionForTorchscriptReachesTheEngine) {
  GstPatchCoreTrainSettings settings;
  EXPECT_FALSE(settings.trainer_options().backbone.allow_torchscript);
  settings.allow_torchscript = true;
  EXPECT_TRUE(settings.trainer_options().backbone.allow_torchscript);
}

TEST(PatchCoreTrainSettings, RegionAndMaskReachTheEngine) {
  GstPatchCoreTrainSettings settings;
  settings.region = "0.5,0.0,0.5,1.0";
  settings.mask = "mask.png";
  EXPECT_EQ(settings.trainer_options().region, "0.5,0.0,0.5,1.0");
  EXPECT_EQ(settings.trainer_options().mask, "mask.png");
}

TEST(PatchCoreTrainSettings, TilesReachTheEngine) {
  GstPatchCoreTrainSettings settings;
  settings.tile_size = 512;
  settings.tile_overlap = 0.25;
  EXPECT_EQ(settings.trainer_options().tile_size, 512);
  EXPECT_EQ(settings.trainer_options().tile_overlap, 0.25);
}

TEST(PatchCoreTrainSettings, TheDeviceReachesTheEngine) {
  GstPatchCoreTrainSettings settings;
  settings.device = "cuda:1";
  EXPECT_EQ(settings.trainer_options().device, "cuda:1");
  settings.device.clear();
  EXPECT_EQ(settings.trainer_options().device, "auto");
}

TEST(PatchCoreTrainSettings, NumbersBesideTheMarksReachTheEngine) {
  GstPatchCoreTrainSettings settings;
  settings.patch_size = 5;
  settings.pretrain_embed_dimension = 0;
  settings.target_embed_dimension = 384;
  settings.index = patchcore::IndexKind::faiss_ivfpq;
  const TrainerOptions options = settings.trainer_options();
  EXPECT_EQ(options.patch_size, 5);
  EXPECT_EQ(options.pretrain_embed_dimension, patchcore::dimension_none);
  EXPECT_EQ(options.target_embed_dimension, 384);
  EXPECT_EQ(options.index, patchcore::IndexKind::faiss_ivfpq);
}

TEST(PatchCoreTrainSettings, LayersAreSplitAtCommas) {
  EXPECT_EQ(layers_of(""), Layers());
  EXPECT_EQ(layers_of("  "), Layers());
  EXPECT_EQ(layers_of("blocks.4"), Layers({"blocks.4"}));
  EXPECT_EQ(layers_of(" layer2 ,\tlayer3 "), Layers({"layer2", "layer3"}));
}

TEST(PatchCoreTrainSettings, MembersOfAnEnsembleAreSplitAtSemicolons) {
  GstPatchCoreTrainSettings settings;
  EXPECT_TRUE(settings.trainer_options().further_members.empty());
  settings.layers = "blocks.2;blocks.4,blocks.10";
  settings.weights = "lite.pth";
  const TrainerOptions options = settings.trainer_options();
  EXPECT_EQ(options.backbone.name, "efficientnet_lite0");
  EXPECT_EQ(options.backbone.layers, Layers({"blocks.2"}));
  ASSERT_EQ(options.further_members.size(), 1U);
  EXPECT_EQ(options.further_members[0].name, "efficientnet_lite0");
  EXPECT_EQ(options.further_members[0].layers, Layers({"blocks.4", "blocks.10"}));
  EXPECT_EQ(options.further_members[0].weights, "lite.pth");
  settings.backbone = "resnet18;resnet34;resnet50";
  EXPECT_ERROR(settings.trainer_options(), invalid_argument, "there are 3");
}

TEST(PatchCoreTrainSettings, AnEmptyLayerNameIsRefused) {
  for (const char* text : {",", "layer2,", ",layer2", "layer2,,layer3", "layer2, ,layer3"}) {
    EXPECT_ERROR(layers_of(text), invalid_argument, text);
  }
}

}  // namespace
