// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the settings of training on the command line.
#include "tools/patchcore/training_settings.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/presets.h"
#include "tests/support/expect_error.h"
#include "tools/patchcore/setting_names.h"

namespace patchcore {
namespace {

TrainerOptions parse(const std::string& arguments) {
  TrainerOptions options;
  CLI::App app("test");
  add_training_settings(app, options);
  app.parse(arguments);
  return options;
}

}  // namespace

TEST(TrainingSettings, AreTheEnginesDefaultsWithoutOptions) {
  EXPECT_EQ(training_settings_json(parse("")), training_settings_json(TrainerOptions()));
  const TrainerOptions options = parse("");
  EXPECT_FALSE(options.patch_size);
  EXPECT_TRUE(options.store_weights);
  EXPECT_EQ(options.threads, 0);
  EXPECT_EQ(options.memory_limit, 0U);
}

TEST(TrainingSettings, AreAllTaken) {
  const TrainerOptions options = parse(
      "--backbone wide_resnet50_2 --weights w.pth --allow-torchscript true --layers layer2,layer3 "
      "--input-size 256 --crop 224 --tile-size 500 --tile-overlap 0.25 --region 0.1,0,0.5,1 "
      "--mask m.png --patch-size 5 "
      "--pretrain-embed-dimension 1024 --target-embed-dimension 0 "
      "--sampler greedy --coreset-ratio 0.25 --max-patches 99 --memory-limit 5000000000 "
      "--neighbours 9 --score-mode paper --image-score top --precision bf16 --device cuda:1 "
      "--index faiss-hnsw --seed 18446744073709551615 --threads 3 --store-weights false");
  EXPECT_EQ(options.backbone.name, "wide_resnet50_2");
  EXPECT_EQ(options.backbone.weights, "w.pth");
  EXPECT_TRUE(options.backbone.allow_torchscript);
  EXPECT_EQ(options.backbone.layers, (std::vector<std::string>{"layer2", "layer3"}));
  EXPECT_EQ(options.input_size, "256");
  EXPECT_EQ(options.crop, "224");
  EXPECT_EQ(options.tile_size, 500);
  EXPECT_EQ(options.tile_overlap, 0.25);
  EXPECT_EQ(options.region, "0.1,0,0.5,1");
  EXPECT_EQ(options.mask, "m.png");
  EXPECT_EQ(options.patch_size, 5);
  EXPECT_EQ(options.pretrain_embed_dimension, 1024);
  EXPECT_EQ(options.target_embed_dimension, 0);
  EXPECT_EQ(options.coreset.sampler, SamplerKind::greedy);
  EXPECT_EQ(options.coreset.ratio, 0.25);
  EXPECT_EQ(options.coreset.max_patches, 99);
  EXPECT_EQ(options.memory_limit, 5'000'000'000U);
  EXPECT_EQ(options.scoring.neighbours, 9);
  EXPECT_EQ(options.scoring.mode, ScoreMode::paper);
  EXPECT_EQ(options.scoring.image_score, ImageScore::top);
  EXPECT_EQ(options.precision, Precision::bf16);
  EXPECT_EQ(options.device, "cuda:1");
  EXPECT_EQ(options.index, IndexKind::faiss_hnsw);
  EXPECT_EQ(options.coreset.seed, UINT64_MAX);
  EXPECT_EQ(options.threads, 3);
  EXPECT_FALSE(options.store_weights);
}

TEST(TrainingSettings, DescribeEnsembles) {
  const std::string arguments =
      "--layers layer2,layer3;layer1 --weights v.pth;w.pth --backbone resnet50;resnet18 "
      "--allow-torchscript true";
  const TrainerOptions options = parse(arguments);
  EXPECT_EQ(options.backbone.name, "resnet50");
  EXPECT_EQ(options.backbone.layers, (std::vector<std::string>{"layer2", "layer3"}));
  EXPECT_EQ(options.backbone.weights, "v.pth");
  ASSERT_EQ(options.further_members.size(), 1U);
  EXPECT_EQ(options.further_members[0].name, "resnet18");
  EXPECT_EQ(options.further_members[0].layers, (std::vector<std::string>{"layer1"}));
  EXPECT_EQ(options.further_members[0].weights, "w.pth");
  EXPECT_TRUE(options.further_members[0].allow_torchscript);
  const nlohmann::ordered_json settings = training_settings_json(options);
  EXPECT_EQ(settings["backbone"], "resnet50;resnet18");
  EXPECT_EQ(settings["layers"], "layer2,layer3;layer1");
  EXPECT_EQ(settings["weights"], "v.pth;w.pth");
  const nlohmann::ordered_json defaults = training_settings_json(parse("--backbone a;b"));
  EXPECT_EQ(defaults["backbone"], "a;b");
  EXPECT_EQ(defaults["layers"], nullptr);
  EXPECT_EQ(defaults["weights"], nullptr);
  EXPECT_ERROR(parse("--backbone a;b --layers x;y;z"), invalid_argument, "there are 3");
}

TEST(TrainingSettings, LeaveTheChoiceToTheBackbone) {
  const TrainerOptions options =
      parse("--patch-size 0 --pretrain-embed-dimension -1 --target-embed-dimension -1");
  EXPECT_FALSE(options.patch_size);
  EXPECT_FALSE(options.pretrain_embed_dimension);
  EXPECT_FALSE(options.target_embed_dimension);
}

TEST(TrainingSettings, RefuseNamesThatThereAreNot) {
  for (const char* arguments :
       {"--sampler farthest", "--precision fp64", "--index faiss", "--score-mode max",
        "--image-score mean", "--threads -1", "--neighbours many", "--layer layer2"}) {
    EXPECT_THROW(parse(arguments), CLI::ParseError) << arguments;
  }
}

TEST(TrainingSettingsJson, TellsApartWhatChangesTheBank) {
  const nlohmann::ordered_json usual = training_settings_json(TrainerOptions());
  EXPECT_EQ(usual["patch-size"], nullptr);
  EXPECT_EQ(usual["sampler"], "approximate-greedy");
  for (const char* arguments : {"--backbone resnet18",
                                "--weights w",
                                "--layers a",
                                "--input-size 320",
                                "--crop 224",
                                "--tile-size 256",
                                "--tile-overlap 0.2",
                                "--region 0,0,9,9",
                                "--mask m",
                                "--patch-size 1",
                                "--pretrain-embed-dimension 8",
                                "--target-embed-dimension 8",
                                "--sampler random",
                                "--coreset-ratio 0.5",
                                "--max-patches 7",
                                "--neighbours 3",
                                "--score-mode paper",
                                "--image-score top",
                                "--precision fp32",
                                "--device cpu",
                                "--index faiss-flat",
                                "--seed 1"}) {
    EXPECT_NE(training_settings_json(parse(arguments)), usual) << arguments;
  }
  EXPECT_EQ(training_settings_json(parse("--threads 1 --memory-limit 9000000000")), usual);
}

TEST(TrainingSettings, BeginWithThePreset) {
  TrainerOptions expected;
  apply_preset(Preset::anomalib, expected);
  EXPECT_EQ(training_settings_json(parse("--preset anomalib")), training_settings_json(expected));
  EXPECT_EQ(training_settings_json(parse("--preset none")), training_settings_json({}));
}

// Wherever they stand on the command line.
TEST(TrainingSettings, OverrideThePreset) {
  TrainerOptions expected;
  apply_preset(Preset::amazon, expected);
  expected.backbone.layers = {"layer1"};
  expected.crop = "none";
  expected.patch_size = 5;
  expected.coreset.sampler = SamplerKind::random;
  expected.coreset.ratio = 0.5;
  expected.scoring.neighbours = 3;
  const std::string others =
      "--layers layer1 --crop none --patch-size 5 --sampler random --coreset-ratio 0.5 "
      "--neighbours 3";
  for (const std::string& arguments : {"--preset amazon " + others, others + " --preset amazon"}) {
    EXPECT_EQ(training_settings_json(parse(arguments)), training_settings_json(expected));
  }
}

TEST(TrainingSettings, RefuseAPresetThatTheyDoNotKnow) {
  EXPECT_THROW(parse("--preset Amazon"), CLI::ValidationError);
  EXPECT_THROW(parse("--preset"), CLI::ParseError);
}

TEST(NameIn, GivesWhatTheOptionTakes) {
  EXPECT_EQ(name_in(index_names(), IndexKind::faiss_ivfpq), "faiss-ivfpq");
  EXPECT_EQ(name_in(SettingNames<int>{{"one", 1}}, 2), "");
}

}  // namespace patchcore
