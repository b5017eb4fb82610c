// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the presets: their settings, and that those of anomalib compute what anomalib does.
#include "core/presets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/input_settings.h"
#include "core/nearest_neighbours.h"
#include "core/patch_embedding.h"
#include "core/scoring.h"
#include "core/trainer.h"
#include "tests/core/anomalib_values.h"

namespace patchcore {
namespace {

constexpr Preset presets[] = {Preset::amazon, Preset::anomalib, Preset::paper};

TrainerOptions options_of(Preset preset) {
  TrainerOptions options;
  apply_preset(preset, options);
  return options;
}

/// What the network of a preset sees of a frame.
PreprocessOptions preprocess_of(Preset preset) {
  const TrainerOptions options = options_of(preset);
  return apply_input_settings(describe_backbone(options.backbone.name).preprocess,
                              options.input_size, options.crop);
}

/// As anomalib_values.py makes them.
FeatureMap feature_map(int picture, int layer, PatchGrid grid, int channels) {
  const int count = grid.height * grid.width * channels;
  const std::shared_ptr<float[]> values(new float[static_cast<std::size_t>(count)]);
  for (int i = 0; i < count; ++i) {
    const int whole = (i * 7919 + picture * 104729 + layer * 1299709) % 1009;
    values[i] = static_cast<float>(whole / 126.0 - 4);
  }
  return {"layer" + std::to_string(layer), 1, grid.height, grid.width, channels,
          {values, values.get()}};
}

PatchMatrix embed(int picture) {
  const TrainerOptions options = options_of(Preset::anomalib);
  const PatchEmbedding embedding({options.patch_size.value(),
                                  options.pretrain_embed_dimension.value(),
                                  options.target_embed_dimension.value()});
  PatchMatrix patches;
  embedding.embed({feature_map(picture, 0, {6, 5}, 3), feature_map(picture, 1, {3, 3}, 5)},
                  patches);
  return patches;
}

PatchMatrix every_third(const PatchMatrix& patches) {
  PatchMatrix bank;
  bank.columns = patches.columns;
  for (std::size_t i = 0; i < patches.rows; i += 3) {
    bank.values.insert(bank.values.end(), patches.row(i), patches.row(i) + patches.columns);
    ++bank.rows;
  }
  return bank;
}

FrameScore score(const ScoringOptions& options) {
  const PatchMatrix bank = every_third(embed(0));
  const auto index = make_nearest_neighbours_faiss(bank);
  Neighbours scratch;
  return Scoring(options, bank, *index).score(embed(1), PatchGrid{6, 5}, scratch);
}

}  // namespace

TEST(Presets, HaveTheNamesThatUsersWrite) {
  EXPECT_STREQ(preset_name(Preset::none), "none");
  EXPECT_STREQ(preset_name(Preset::amazon), "amazon");
  EXPECT_STREQ(preset_name(Preset::anomalib), "anomalib");
  EXPECT_STREQ(preset_name(Preset::paper), "paper");
}

TEST(Presets, ShareNetworkAndLayers) {
  for (const Preset preset : presets) {
    const TrainerOptions options = options_of(preset);
    EXPECT_EQ(options.backbone.name, "wide_resnet50_2");
    EXPECT_EQ(options.backbone.layers, (std::vector<std::string>{"layer2", "layer3"}));
    EXPECT_EQ(options.patch_size, 3);
    EXPECT_EQ(options.coreset.max_patches, 0);
    EXPECT_EQ(options.scoring.image_score, ImageScore::max);
    const PreprocessOptions preprocess = preprocess_of(preset);
    EXPECT_EQ(preprocess.mean, (std::array<float, 3>{0.485F, 0.456F, 0.406F}));
    EXPECT_EQ(preprocess.deviation, (std::array<float, 3>{0.229F, 0.224F, 0.225F}));
    EXPECT_NO_THROW(options.coreset.validate());
    EXPECT_NO_THROW(options.scoring.validate());
  }
}

TEST(Presets, AmazonIsThePublishedImplementation) {
  const TrainerOptions options = options_of(Preset::amazon);
  EXPECT_EQ(options.pretrain_embed_dimension, 1024);
  EXPECT_EQ(options.target_embed_dimension, 1024);
  EXPECT_EQ(options.coreset.sampler, SamplerKind::approximate_greedy);
  EXPECT_EQ(options.coreset.ratio, 0.1);
  EXPECT_EQ(options.coreset.projection_dimension, 128);
  EXPECT_EQ(options.coreset.starting_points, 10);
  EXPECT_EQ(options.scoring.mode, ScoreMode::published);
  EXPECT_EQ(options.scoring.neighbours, 1);
  const PreprocessOptions preprocess = preprocess_of(Preset::amazon);
  EXPECT_EQ(preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(preprocess.shorter_side, 256);
  EXPECT_EQ(preprocess.crop, (Size{224, 224}));
}

TEST(Presets, AnomalibSeesWholePicturesAndReweights) {
  const TrainerOptions options = options_of(Preset::anomalib);
  EXPECT_EQ(options.pretrain_embed_dimension, dimension_none);
  EXPECT_EQ(options.target_embed_dimension, dimension_none);
  EXPECT_EQ(options.coreset.sampler, SamplerKind::greedy);
  EXPECT_EQ(options.coreset.ratio, 0.1);
  EXPECT_EQ(options.scoring.mode, ScoreMode::paper);
  EXPECT_EQ(options.scoring.neighbours, 9);
  const PreprocessOptions preprocess = preprocess_of(Preset::anomalib);
  EXPECT_EQ(preprocess.mode, ResizeMode::exact);
  EXPECT_EQ(preprocess.exact, (Size{256, 256}));
  EXPECT_FALSE(preprocess.crop);
}

TEST(Presets, PaperIsThatOfSection4) {
  const TrainerOptions options = options_of(Preset::paper);
  EXPECT_EQ(options.pretrain_embed_dimension, 1024);
  EXPECT_EQ(options.target_embed_dimension, 1024);
  EXPECT_EQ(options.coreset.sampler, SamplerKind::greedy);
  EXPECT_EQ(options.coreset.ratio, 0.25);
  EXPECT_EQ(options.coreset.projection_dimension, 128);
  EXPECT_EQ(options.scoring.mode, ScoreMode::paper);
  const PreprocessOptions preprocess = preprocess_of(Preset::paper);
  EXPECT_EQ(preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(preprocess.shorter_side, 256);
  EXPECT_EQ(preprocess.crop, (Size{224, 224}));
}

TEST(Presets, ReplaceWhatWasSetBeforeAndNothingElse) {
  for (const Preset preset : presets) {
    TrainerOptions options;
    options.backbone.name = "vgg11";
    options.backbone.layers = {"features.5"};
    options.input_size = "320x192";
    options.crop = "64";
    options.patch_size = 5;
    options.pretrain_embed_dimension = 8;
    options.target_embed_dimension = 4;
    options.coreset = {SamplerKind::random, 0.5, 7, 64, 3, 11};
    options.scoring = {ScoreMode::published, 4, ImageScore::top};
    options.backbone.weights = "w.pth";
    options.region = "0,0,64,64";
    options.mask = "m.png";
    options.threads = 1;
    options.precision = Precision::fp32;
    apply_preset(preset, options);

    const TrainerOptions fresh = options_of(preset);
    EXPECT_EQ(options.backbone.name, fresh.backbone.name);
    EXPECT_EQ(options.backbone.layers, fresh.backbone.layers);
    EXPECT_EQ(options.input_size, fresh.input_size);
    EXPECT_EQ(options.crop, fresh.crop);
    EXPECT_EQ(options.patch_size, fresh.patch_size);
    EXPECT_EQ(options.pretrain_embed_dimension, fresh.pretrain_embed_dimension);
    EXPECT_EQ(options.target_embed_dimension, fresh.target_embed_dimension);
    EXPECT_EQ(options.coreset.sampler, fresh.coreset.sampler);
    EXPECT_EQ(options.coreset.ratio, fresh.coreset.ratio);
    EXPECT_EQ(options.coreset.max_patches, fresh.coreset.max_patches);
    EXPECT_EQ(options.scoring.mode, fresh.scoring.mode);
    EXPECT_EQ(options.scoring.neighbours, fresh.scoring.neighbours);
    EXPECT_EQ(options.scoring.image_score, fresh.scoring.image_score);
    EXPECT_EQ(options.backbone.weights, "w.pth");
    EXPECT_EQ(options.region, "0,0,64,64");
    EXPECT_EQ(options.mask, "m.png");
    EXPECT_EQ(options.threads, 1);
    EXPECT_EQ(options.precision, Precision::fp32);
    EXPECT_EQ(options.coreset.seed, 11U);
  }
}

TEST(Presets, NoneChangesNothing) {
  TrainerOptions options;
  options.backbone.name = "vgg11";
  options.scoring.neighbours = 4;
  apply_preset(Preset::none, options);
  EXPECT_EQ(options.backbone.name, "vgg11");
  EXPECT_EQ(options.scoring.neighbours, 4);
  EXPECT_EQ(options.input_size, "");
  EXPECT_FALSE(options.patch_size);
}

TEST(AnomalibPreset, EmbedsPatchesAsAnomalibDoes) {
  const PatchMatrix patches = embed(1);
  ASSERT_EQ(patches.columns, 8U);
  ASSERT_EQ(patches.values.size(), std::size(test::anomalib_patches));
  for (std::size_t i = 0; i < patches.values.size(); ++i)
    EXPECT_NEAR(patches.values[i], test::anomalib_patches[i], 1e-5) << i;
}

TEST(AnomalibPreset, ScoresPicturesAsAnomalibDoes) {
  ScoringOptions options = options_of(Preset::anomalib).scoring;
  EXPECT_NEAR(score(options).score, test::anomalib_score_of_9, 1e-5);
  options.neighbours = 3;
  EXPECT_NEAR(score(options).score, test::anomalib_score_of_3, 1e-5);
}

// Anomalib's map is not re-weighted; ours has the unit of the score.
TEST(AnomalibPreset, HasTheMapOfAnomalibInTheUnitOfTheScore) {
  const FrameScore found = score(options_of(Preset::anomalib).scoring);
  ASSERT_EQ(found.map.values.size(), std::size(test::anomalib_patch_scores));
  const double largest = *std::max_element(std::begin(test::anomalib_patch_scores),
                                           std::end(test::anomalib_patch_scores));
  for (std::size_t i = 0; i < found.map.values.size(); ++i) {
    EXPECT_NEAR(found.map.values[i],
                test::anomalib_patch_scores[i] * test::anomalib_score_of_9 / largest, 1e-5);
  }
}

}  // namespace patchcore
