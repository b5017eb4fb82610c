// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the order and the words of what patchcoretrain posts: every stage that begins ends,
// before the next begins, and all figures of the report arrive.
#include "gst/gstpatchcoretrainmessages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/gst/message_log.h"

namespace {

using patchcore::TrainingReport;
using patchcore::TrainingStage;
using patchcore::test::MessageLog;

class PatchCoreTrainMessages : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    element_ = GST_ELEMENT(gst_object_ref_sink(gst_bin_new("under-test")));
    log_.attach(element_);
    gst_element_set_state(element_, GST_STATE_PLAYING);
  }

  void TearDown() override {
    gst_element_set_state(element_, GST_STATE_NULL);
    gst_object_unref(element_);
  }

  /// Each as "TYPE text".
  std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const auto& progress : log_.progress()) {
      static const char* const names[] = {"START", "CONTINUE", "COMPLETE", "CANCELED", "ERROR"};
      all.push_back(names[progress.type] + (" " + progress.text));
    }
    return all;
  }

  using Told = std::vector<std::string>;

  static patchcore::CollectedSoFar frames(std::int64_t count) { return {count, 10 * count, 0, 0}; }

  MessageLog log_;
  GstElement* element_ = nullptr;
};

TEST_F(PatchCoreTrainMessages, EveryStageEndsBeforeTheNextBegins) {
  GstPatchCoreTrainProgress progress(element_);
  progress.collected(frames(1), 0);
  progress.building(TrainingStage::coreset, 0, "coreset: 0 %");
  progress.building(TrainingStage::coreset, 30, "coreset: 50 %");
  progress.building(TrainingStage::writing, 95, "writing x");
  progress.complete();
  EXPECT_EQ(told(), Told({"START collecting: frame 1", "COMPLETE collecting: 100 %",
                          "START coreset: 0 %", "CONTINUE coreset: 50 %", "COMPLETE coreset: 100 %",
                          "START writing x", "COMPLETE writing: 100 %"}));
  EXPECT_EQ(log_.progress()[0].percent, -1);
  EXPECT_EQ(log_.progress()[3].percent, 30);
  EXPECT_EQ(log_.progress()[3].code, "coreset");
  EXPECT_EQ(log_.progress()[4].percent, 30);
}

TEST_F(PatchCoreTrainMessages, CollectingHasAPercentageWhereItsEndIsKnown) {
  GstPatchCoreTrainProgress progress(element_);
  progress.collected(frames(1), 200);
  progress.collected(frames(50), 200);
  progress.collected(frames(200), 200);
  EXPECT_EQ(told(), Told({"START collecting: 0 %", "CONTINUE collecting: 25 %",
                          "COMPLETE collecting: 100 %"}));
  EXPECT_EQ(log_.progress()[1].percent, 25);
}

TEST_F(PatchCoreTrainMessages, ASingleFrameIsAWholeStage) {
  GstPatchCoreTrainProgress progress(element_);
  progress.collected(frames(1), 1);
  EXPECT_EQ(told(), Told({"START collecting: 100 %", "COMPLETE collecting: 100 %"}));
}

TEST_F(PatchCoreTrainMessages, NotEveryFrameIsTold) {
  GstPatchCoreTrainProgress progress(element_);
  for (int frame = 1; frame <= 49; ++frame) progress.collected(frames(frame), 0);
  EXPECT_LT(told().size(), 49U);
}

TEST_F(PatchCoreTrainMessages, FramesThatAreSkippedAreNotTold) {
  GstPatchCoreTrainProgress progress(element_);
  for (int i = 0; i < 49; ++i) progress.collected(frames(50), 50);
  EXPECT_EQ(told(), Told({"START collecting: 100 %", "COMPLETE collecting: 100 %"}));
}

TEST_F(PatchCoreTrainMessages, CoverageIsToldWhileCollecting) {
  GstPatchCoreTrainProgress progress(element_);
  progress.collected({1, 100, 0, 0.25}, 0);
  progress.building(TrainingStage::coreset, 0, "coreset: 0 %");
  ASSERT_EQ(log_.progress().size(), 3U);
  EXPECT_EQ(log_.progress()[0].coverage, 0.25);
  EXPECT_EQ(log_.progress()[1].coverage, 0.25);
  EXPECT_EQ(log_.progress()[2].coverage, -1);
}

TEST_F(PatchCoreTrainMessages, CollectingIsNotToldBeforePlaying) {
  gst_element_set_state(element_, GST_STATE_PAUSED);
  GstPatchCoreTrainProgress progress(element_);
  progress.collected(frames(1), 0);
  EXPECT_EQ(told(), Told());
}

TEST_F(PatchCoreTrainMessages, AFailureEndsTheStageUnderWay) {
  GstPatchCoreTrainProgress progress(element_);
  progress.building(TrainingStage::calibration, 60, "calibration: 0 %");
  progress.fail("no memory");
  EXPECT_EQ(told(), Told({"START calibration: 0 %", "ERROR calibration: no memory"}));
}

TEST_F(PatchCoreTrainMessages, NothingEndsWhereNothingBegan) {
  GstPatchCoreTrainProgress progress(element_);
  progress.complete();
  progress.fail("no memory");
  progress.cancel();
  EXPECT_EQ(told(), Told());
}

TEST_F(PatchCoreTrainMessages, AStageEndsOnce) {
  GstPatchCoreTrainProgress progress(element_);
  progress.building(TrainingStage::coreset, 0, "coreset: 0 %");
  progress.cancel();
  progress.cancel();
  EXPECT_EQ(told(), Told({"START coreset: 0 %", "CANCELED coreset: canceled"}));
}

TEST_F(PatchCoreTrainMessages, TextThatIsNotUtf8IsMadeSo) {
  GstPatchCoreTrainProgress progress(element_);
  progress.building(TrainingStage::writing, 95, "writing \xFF.bank");
  EXPECT_TRUE(g_utf8_validate(log_.progress().at(0).text.c_str(), -1, nullptr));
}

TrainingReport report_of(std::int64_t held_out_frames) {
  TrainingReport report;
  report.path = "parts.bank";
  report.frames = 5 * held_out_frames;
  report.patches = 6400;
  report.bank_patches = 640;
  report.dimension = 152;
  report.held_out_frames = held_out_frames;
  report.threshold = 2.5;
  report.usual_score = 1.25;
  report.threshold_is_guess = held_out_frames < 20;
  report.index = patchcore::IndexKind::faiss_hnsw;
  report.recall = {0.875, 0.0625, 0.09375};
  report.seconds = 0.75;
  report.device = "cuda:1";
  return report;
}

TEST_F(PatchCoreTrainMessages, TheReportArrivesInFull) {
  gst_patch_core_post_trained(element_, report_of(20));
  const GstStructure* trained = log_.trained();
  ASSERT_NE(trained, nullptr);
  EXPECT_STREQ(gst_structure_get_string(trained, "bank"), "parts.bank");
  const auto integer = [&](const char* field) {
    gint64 value = -1;
    gst_structure_get_int64(trained, field, &value);
    return value;
  };
  const auto number = [&](const char* field) {
    gdouble value = -1;
    gst_structure_get_double(trained, field, &value);
    return value;
  };
  EXPECT_EQ(integer("frames"), 100);
  EXPECT_EQ(integer("patches"), 6400);
  EXPECT_EQ(integer("bank-patches"), 640);
  EXPECT_EQ(integer("dimension"), 152);
  EXPECT_EQ(integer("held-out-frames"), 20);
  EXPECT_EQ(number("threshold"), 2.5);
  EXPECT_EQ(number("usual-score"), 1.25);
  EXPECT_EQ(number("seconds"), 0.75);
  EXPECT_STREQ(gst_structure_get_string(trained, "device"), "cuda:1");
  EXPECT_STREQ(gst_structure_get_string(trained, "index"), "faiss-hnsw");
  EXPECT_EQ(number("recall"), 0.875);
  EXPECT_EQ(number("mean-score-error"), 0.0625);
  EXPECT_EQ(number("largest-score-error"), 0.09375);
  gboolean guess = TRUE;
  EXPECT_TRUE(gst_structure_get_boolean(trained, "threshold-is-guess", &guess));
  EXPECT_FALSE(guess);
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 0U);
}

TEST_F(PatchCoreTrainMessages, AnIndexThatSpoilsScoresIsWarnedOf) {
  TrainingReport report = report_of(20);
  report.recall->largest_score_error = 0.125;
  gst_patch_core_post_trained(element_, report);
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 1U);
  const auto warning = log_.complaint(GST_MESSAGE_WARNING);
  EXPECT_EQ(warning.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(warning.code, GST_RESOURCE_ERROR_SETTINGS);
  for (const char* part : {"faiss-hnsw", "parts.bank", "12 %", "index=auto"}) {
    EXPECT_NE(warning.text.find(part), std::string::npos) << warning.text;
  }
}

TEST_F(PatchCoreTrainMessages, ARecallThatIsNotKnownIsNotTold) {
  TrainingReport report = report_of(20);
  report.recall.reset();
  gst_patch_core_post_trained(element_, report);
  ASSERT_NE(log_.trained(), nullptr);
  EXPECT_TRUE(gst_structure_has_field(log_.trained(), "index"));
  EXPECT_FALSE(gst_structure_has_field(log_.trained(), "recall"));
}

TEST_F(PatchCoreTrainMessages, AGuessedThresholdIsAWarningThatSaysWhatToDo) {
  gst_patch_core_post_trained(element_, report_of(19));
  const std::string text = log_.complaint(GST_MESSAGE_WARNING).text;
  EXPECT_NE(text.find("19 held-out frames"), std::string::npos) << text;
  EXPECT_NE(text.find("100 good frames"), std::string::npos) << text;
}

TEST_F(PatchCoreTrainMessages, APathThatIsNotUtf8IsMadeSo) {
  TrainingReport report = report_of(19);
  report.path = "\xFF.bank";
  gst_patch_core_post_trained(element_, report);
  ASSERT_NE(log_.trained(), nullptr);
  EXPECT_TRUE(g_utf8_validate(gst_structure_get_string(log_.trained(), "bank"), -1, nullptr));
}

}  // namespace
