// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the property preset: what it sets, what may override it, and who is told.
#include "gst/gstpatchcoretrainpreset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "core/bank_file.h"
#include "core/trainer.h"
#include "tests/gst/train_fixture.h"

namespace patchcore::test {
namespace {

/// One element, not in a pipeline.
class PatchCoreTrainPreset : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  void SetUp() override { element_ = make("patchcoretrain name=t"); }
  void TearDown() override { gst_object_unref(element_); }

  static GstElement* make(const std::string& description) {
    GError* error = nullptr;
    GstElement* element = gst_parse_launch(description.c_str(), &error);
    EXPECT_EQ(error, nullptr) << error->message;
    return GST_ELEMENT(gst_object_ref_sink(element));
  }

  static std::string text(GstElement* element, const char* property) {
    gchar* value = nullptr;
    g_object_get(element, property, &value, nullptr);
    const std::string copy = value != nullptr ? value : "";
    g_free(value);
    return copy;
  }

  static gint number(GstElement* element, const char* property) {
    gint value = 0;
    g_object_get(element, property, &value, nullptr);
    return value;
  }

  static gdouble ratio(GstElement* element) {
    gdouble value = 0;
    g_object_get(element, "coreset-ratio", &value, nullptr);
    return value;
  }

  static guint max_patches(GstElement* element) {
    guint value = 1;
    g_object_get(element, "max-patches", &value, nullptr);
    return value;
  }

  void set_preset(Preset preset) {
    g_object_set(element_, "preset", static_cast<gint>(preset), nullptr);
  }

  GstElement* element_ = nullptr;
};

TEST_F(PatchCoreTrainPreset, SetsThePropertiesOfAnomalib) {
  set_preset(Preset::anomalib);
  EXPECT_EQ(number(element_, "preset"), static_cast<gint>(Preset::anomalib));
  EXPECT_EQ(text(element_, "backbone"), "wide_resnet50_2");
  EXPECT_EQ(text(element_, "layers"), "layer2,layer3");
  EXPECT_EQ(text(element_, "input-size"), "256x256");
  EXPECT_EQ(text(element_, "crop"), "none");
  EXPECT_EQ(number(element_, "patch-size"), 3);
  EXPECT_EQ(number(element_, "pretrain-embed-dimension"), 0);
  EXPECT_EQ(number(element_, "target-embed-dimension"), 0);
  EXPECT_EQ(number(element_, "sampler"), static_cast<gint>(SamplerKind::greedy));
  EXPECT_EQ(ratio(element_), 0.1);
  EXPECT_EQ(max_patches(element_), 0U);
  EXPECT_EQ(number(element_, "neighbours"), 9);
  EXPECT_EQ(number(element_, "score-mode"), static_cast<gint>(ScoreMode::paper));
  EXPECT_EQ(number(element_, "image-score"), static_cast<gint>(ImageScore::max));
}

// Each has its own table in core/presets; this says that the properties mean the same.
TEST_F(PatchCoreTrainPreset, MeansTheSameToTheEngine) {
  for (const Preset preset : {Preset::amazon, Preset::anomalib, Preset::paper}) {
    SCOPED_TRACE(preset_name(preset));
    GstPatchCoreTrainSettings settings;
    gst_patch_core_train_apply_preset(settings, preset);
    const TrainerOptions ours = settings.trainer_options();
    TrainerOptions theirs;
    apply_preset(preset, theirs);
    EXPECT_EQ(ours.backbone.name, theirs.backbone.name);
    EXPECT_EQ(ours.backbone.layers, theirs.backbone.layers);
    EXPECT_EQ(ours.input_size, theirs.input_size);
    EXPECT_EQ(ours.crop, theirs.crop);
    EXPECT_EQ(ours.patch_size, theirs.patch_size);
    EXPECT_EQ(ours.pretrain_embed_dimension, theirs.pretrain_embed_dimension);
    EXPECT_EQ(ours.target_embed_dimension, theirs.target_embed_dimension);
    EXPECT_EQ(ours.coreset.sampler, theirs.coreset.sampler);
    EXPECT_EQ(ours.coreset.ratio, theirs.coreset.ratio);
    EXPECT_EQ(ours.coreset.max_patches, theirs.coreset.max_patches);
    EXPECT_EQ(ours.scoring.mode, theirs.scoring.mode);
    EXPECT_EQ(ours.scoring.neighbours, theirs.scoring.neighbours);
    EXPECT_EQ(ours.scoring.image_score, theirs.scoring.image_score);
  }
}

TEST_F(PatchCoreTrainPreset, IsOverriddenByWhatIsSetAfterwards) {
  GstElement* element = make("patchcoretrain preset=amazon neighbours=5 crop=none layers=layer1");
  EXPECT_EQ(number(element, "neighbours"), 5);
  EXPECT_EQ(text(element, "crop"), "none");
  EXPECT_EQ(text(element, "layers"), "layer1");
  EXPECT_EQ(number(element, "pretrain-embed-dimension"), 1024);
  EXPECT_EQ(number(element, "preset"), static_cast<gint>(Preset::amazon));
  gst_object_unref(element);
}

TEST_F(PatchCoreTrainPreset, ReplacesWhatWasSetBefore) {
  GstElement* element = make(
      "patchcoretrain neighbours=5 crop=none layers=layer1 sampler=random seed=7 preset=paper");
  EXPECT_EQ(number(element, "neighbours"), 9);
  EXPECT_EQ(text(element, "crop"), "224");
  EXPECT_EQ(text(element, "layers"), "layer2,layer3");
  EXPECT_EQ(number(element, "sampler"), static_cast<gint>(SamplerKind::greedy));
  EXPECT_EQ(ratio(element), 0.25);
  guint64 seed = 0;
  g_object_get(element, "seed", &seed, nullptr);
  EXPECT_EQ(seed, 7U);
  gst_object_unref(element);
}

TEST_F(PatchCoreTrainPreset, ReplacesAnotherInFull) {
  set_preset(Preset::anomalib);
  set_preset(Preset::amazon);
  EXPECT_EQ(text(element_, "input-size"), "256");
  EXPECT_EQ(text(element_, "crop"), "224");
  EXPECT_EQ(number(element_, "target-embed-dimension"), 1024);
  EXPECT_EQ(number(element_, "sampler"), static_cast<gint>(SamplerKind::approximate_greedy));
  EXPECT_EQ(number(element_, "neighbours"), 1);
  EXPECT_EQ(number(element_, "score-mode"), static_cast<gint>(ScoreMode::published));
}

TEST_F(PatchCoreTrainPreset, NoneChangesNothing) {
  g_object_set(element_, "neighbours", 5, nullptr);
  set_preset(Preset::none);
  EXPECT_EQ(number(element_, "neighbours"), 5);
  EXPECT_EQ(text(element_, "backbone"), "efficientnet_lite0");
  set_preset(Preset::amazon);
  set_preset(Preset::none);
  EXPECT_EQ(text(element_, "backbone"), "wide_resnet50_2");
  EXPECT_EQ(number(element_, "preset"), static_cast<gint>(Preset::none));
}

TEST_F(PatchCoreTrainPreset, NotifiesOfEveryPropertyThatChangesOnce) {
  std::multiset<std::string> told;
  g_signal_connect(element_, "notify",
                   G_CALLBACK(+[](GObject*, GParamSpec* spec, std::multiset<std::string>* names) {
                     names->insert(spec->name);
                   }),
                   &told);
  set_preset(Preset::amazon);
  // The sampler, the ratio and all of scoring are the usual ones.
  EXPECT_EQ(told, (std::multiset<std::string>{"preset", "backbone", "layers", "input-size", "crop",
                                              "patch-size", "pretrain-embed-dimension",
                                              "target-embed-dimension", "max-patches"}));
  told.clear();
  set_preset(Preset::paper);
  EXPECT_EQ(told, (std::multiset<std::string>{"preset", "sampler", "coreset-ratio", "neighbours",
                                              "score-mode"}));
  told.clear();
  set_preset(Preset::paper);
  EXPECT_EQ(told, std::multiset<std::string>{"preset"});
  told.clear();
  g_object_set(element_, "image-score", static_cast<gint>(ImageScore::top), nullptr);
  EXPECT_EQ(told, std::multiset<std::string>{"image-score"});
}

// A handler may ask the element: no lock is held.
TEST_F(PatchCoreTrainPreset, IsWholeWhenItIsNotified) {
  std::string seen;
  g_signal_connect(element_, "notify::backbone",
                   G_CALLBACK(+[](GObject* object, GParamSpec*, std::string* crop) {
                     *crop = text(GST_ELEMENT(object), "crop");
                   }),
                   &seen);
  set_preset(Preset::amazon);
  EXPECT_EQ(seen, "224");
}

TEST_F(PatchCoreTrainPreset, AnUnknownOneIsRefused) {
  GError* error = nullptr;
  GstElement* element = gst_parse_launch("patchcoretrain preset=pytorch", &error);
  ASSERT_NE(error, nullptr);
  EXPECT_NE(std::string(error->message).find("preset"), std::string::npos) << error->message;
  g_error_free(error);
  if (element != nullptr) gst_object_unref(element);
}

TEST_F(PatchCoreTrainPreset, HasTheNamesAndNumbersOfTheEngine) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element_), "preset");
  GEnumClass* type = G_PARAM_SPEC_ENUM(spec)->enum_class;
  EXPECT_EQ(type->n_values, 4U);
  for (const Preset preset : {Preset::none, Preset::amazon, Preset::anomalib, Preset::paper}) {
    const GEnumValue* value = g_enum_get_value(type, static_cast<gint>(preset));
    ASSERT_NE(value, nullptr);
    EXPECT_STREQ(value->value_nick, preset_name(preset));
  }
}

/// A pipeline with each preset, but a network that is smaller and has weights by formula.
class PatchCoreTrainPresetRun : public PatchCoreTrain,
                                public ::testing::WithParamInterface<Preset> {};

TEST_P(PatchCoreTrainPresetRun, TrainsABankThatSaysWhatItIs) {
  g_object_set(element_, "preset", static_cast<gint>(GetParam()), "backbone", "resnet18", "layers",
               "layer1,layer2", nullptr);
  play({160, 120});
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(gst_harness_push(harness_, frame(i, {160, 120})), GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(harness_));
  }
  ASSERT_TRUE(end());

  ASSERT_TRUE(bank_exists());
  const BankFile file = read_bank_file(bank());
  TrainerOptions expected;
  apply_preset(GetParam(), expected);
  EXPECT_EQ(file.embedding.pretrain_embed_dimension, expected.pretrain_embed_dimension);
  EXPECT_EQ(file.embedding.target_embed_dimension, expected.target_embed_dimension);
  EXPECT_EQ(file.scoring.mode, expected.scoring.mode);
  EXPECT_EQ(file.scoring.neighbours, expected.scoring.neighbours);
  EXPECT_EQ(file.coreset.sampler, expected.coreset.sampler);
  EXPECT_EQ(file.bank.rows,
            static_cast<std::size_t>(std::floor(expected.coreset.ratio * file.patches)));
  const bool is_anomalib = GetParam() == Preset::anomalib;
  // layer1 and layer2 of resnet18 have 64 and 128 channels, and layer1 steps of 4 pixels.
  EXPECT_EQ(file.bank.columns, is_anomalib ? 192U : 1024U);
  EXPECT_EQ(file.patches, is_anomalib ? 2 * 64 * 64 : 2 * 56 * 56);
  EXPECT_EQ(file.preprocess.mode, is_anomalib ? ResizeMode::exact : ResizeMode::shorter_side);
  EXPECT_EQ(file.preprocess.crop.has_value(), !is_anomalib);
}

INSTANTIATE_TEST_SUITE_P(All, PatchCoreTrainPresetRun,
                         ::testing::Values(Preset::amazon, Preset::anomalib, Preset::paper),
                         [](const auto& run) { return std::string(preset_name(run.param)); });

}  // namespace
}  // namespace patchcore::test
