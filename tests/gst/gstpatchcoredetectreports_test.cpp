// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what applications are told: which frames have a message, what the signal's sample holds,
// that nothing is made for nobody, and that statistics come when they are due and not before.
#include "gst/gstpatchcoredetectreports.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

struct FreeStructure {
  void operator()(GstStructure* structure) const { gst_structure_free(structure); }
};
using Structure = std::unique_ptr<GstStructure, FreeStructure>;

class PatchCoreDetectReports : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    element_ = gst_element_factory_make("patchcoredetect", nullptr);
    ASSERT_NE(element_, nullptr);
    gst_object_ref_sink(element_);
    bus_ = gst_bus_new();
    gst_element_set_bus(element_, bus_);
    reports_ = std::make_unique<GstPatchCoreDetectReports>(element_);
    reports_->start();
    gst_segment_init(&segment_, GST_FORMAT_TIME);
    buffer_ = gst_buffer_new();
    GST_BUFFER_PTS(buffer_) = GST_SECOND;
    meta_ = gst_buffer_add_patch_core_meta(buffer_);
    meta_->result = GST_PATCH_CORE_RESULT_FRESH;
    meta_->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
    meta_->score = 3;
  }

  void TearDown() override {
    gst_buffer_unref(buffer_);
    gst_element_set_bus(element_, nullptr);
    gst_object_unref(bus_);
    gst_object_unref(element_);
  }

  void report(GstPatchCorePostMessages mode) {
    reports_->report(buffer_, meta_, meta_->result == GST_PATCH_CORE_RESULT_FRESH, &segment_, mode);
  }

  /// The next message's structure, or null.
  Structure next_message() {
    GstMessage* message = gst_bus_pop_filtered(bus_, GST_MESSAGE_ELEMENT);
    if (message == nullptr) return nullptr;
    Structure structure(gst_structure_copy(gst_message_get_structure(message)));
    gst_message_unref(message);
    return structure;
  }

  static void keep_sample(GstElement*, GstSample* sample, gpointer samples) {
    static_cast<std::vector<GstSample*>*>(samples)->push_back(gst_sample_ref(sample));
  }

  GstElement* element_ = nullptr;
  GstBus* bus_ = nullptr;
  GstBuffer* buffer_ = nullptr;
  GstPatchCoreMeta* meta_ = nullptr;
  GstSegment segment_;
  std::unique_ptr<GstPatchCoreDetectReports> reports_;
};

TEST_F(PatchCoreDetectReports, EachModePostsItsFrames) {
  using Mode = GstPatchCorePostMessages;
  const struct {
    GstPatchCoreResult result;
    GstPatchCoreVerdict verdict;
    bool changed;
    bool anomalous;
  } frames[] = {
      {GST_PATCH_CORE_RESULT_NONE, GST_PATCH_CORE_VERDICT_UNKNOWN, false, false},
      {GST_PATCH_CORE_RESULT_FRESH, GST_PATCH_CORE_VERDICT_NORMAL, true, false},
      {GST_PATCH_CORE_RESULT_FRESH, GST_PATCH_CORE_VERDICT_ANOMALOUS, true, true},
      {GST_PATCH_CORE_RESULT_HELD, GST_PATCH_CORE_VERDICT_ANOMALOUS, false, false},
      {GST_PATCH_CORE_RESULT_FRESH, GST_PATCH_CORE_VERDICT_ANOMALOUS, false, true},
      {GST_PATCH_CORE_RESULT_HELD, GST_PATCH_CORE_VERDICT_NORMAL, true, false},
  };
  for (const Mode mode :
       {GST_PATCH_CORE_POST_MESSAGES_NONE, GST_PATCH_CORE_POST_MESSAGES_CHANGES,
        GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS, GST_PATCH_CORE_POST_MESSAGES_ALL}) {
    reports_->forget_stream();
    for (const auto& frame : frames) {
      meta_->result = frame.result;
      meta_->verdict = frame.verdict;
      report(mode);
      const bool expected = mode == GST_PATCH_CORE_POST_MESSAGES_ALL ||
                            (mode == GST_PATCH_CORE_POST_MESSAGES_CHANGES && frame.changed) ||
                            (mode == GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS && frame.anomalous);
      const Structure message = next_message();
      EXPECT_EQ(message != nullptr, expected) << mode;
      EXPECT_TRUE(!expected || gst_structure_has_name(message.get(), "patchcore-result"));
      EXPECT_EQ(next_message(), nullptr);
    }
  }
}

TEST_F(PatchCoreDetectReports, TheFirstVerdictOfAStreamIsAChange) {
  report(GST_PATCH_CORE_POST_MESSAGES_CHANGES);
  EXPECT_NE(next_message(), nullptr);
  report(GST_PATCH_CORE_POST_MESSAGES_CHANGES);
  EXPECT_EQ(next_message(), nullptr);
  reports_->forget_stream();
  report(GST_PATCH_CORE_POST_MESSAGES_CHANGES);
  EXPECT_NE(next_message(), nullptr);
}

TEST_F(PatchCoreDetectReports, TheSampleHoldsTheFrameAndItsResult) {
  std::vector<GstSample*> samples;
  g_signal_connect(element_, "anomaly", G_CALLBACK(keep_sample), &samples);
  segment_.start = GST_SECOND / 2;
  report(GST_PATCH_CORE_POST_MESSAGES_NONE);
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(gst_sample_get_buffer(samples[0]), buffer_);
  EXPECT_EQ(gst_sample_get_segment(samples[0])->start, GST_SECOND / 2);
  const GstStructure* info = gst_sample_get_info(samples[0]);
  ASSERT_TRUE(gst_structure_has_name(info, "patchcore-result"));
  double score = 0;
  guint64 running_time = 0;
  EXPECT_TRUE(gst_structure_get(info, "score", G_TYPE_DOUBLE, &score, "running-time", G_TYPE_UINT64,
                                &running_time, nullptr));
  EXPECT_EQ(score, 3);
  EXPECT_EQ(running_time, GST_SECOND / 2);
  EXPECT_EQ(next_message(), nullptr);
  gst_sample_unref(samples[0]);
}

TEST_F(PatchCoreDetectReports, OnlyAnomalousFramesThatWereScoredHaveASample) {
  std::vector<GstSample*> samples;
  g_signal_connect(element_, "anomaly", G_CALLBACK(keep_sample), &samples);
  meta_->result = GST_PATCH_CORE_RESULT_HELD;
  report(GST_PATCH_CORE_POST_MESSAGES_ALL);
  meta_->result = GST_PATCH_CORE_RESULT_FRESH;
  meta_->verdict = GST_PATCH_CORE_VERDICT_NORMAL;
  report(GST_PATCH_CORE_POST_MESSAGES_ALL);
  EXPECT_TRUE(samples.empty());
}

// Whoever held the buffer would make downstream copy it.
TEST_F(PatchCoreDetectReports, WithoutAHandlerNothingHoldsTheBuffer) {
  report(GST_PATCH_CORE_POST_MESSAGES_ALL);
  EXPECT_TRUE(gst_buffer_is_writable(buffer_));
  std::vector<GstSample*> samples;
  const gulong id = g_signal_connect(element_, "anomaly", G_CALLBACK(keep_sample), &samples);
  g_signal_handler_disconnect(element_, id);
  report(GST_PATCH_CORE_POST_MESSAGES_ALL);
  EXPECT_TRUE(samples.empty());
}

TEST_F(PatchCoreDetectReports, StatisticsAreDueOnceAnInterval) {
  EXPECT_FALSE(reports_->is_stats_time(0));
  EXPECT_FALSE(reports_->is_stats_time(G_MAXUINT));
  g_usleep(20000);
  EXPECT_TRUE(reports_->is_stats_time(20));
  EXPECT_FALSE(reports_->is_stats_time(3600000));
  reports_->start();
  EXPECT_FALSE(reports_->is_stats_time(3600000));
  EXPECT_FALSE(reports_->is_stats_time(0));
}

TEST_F(PatchCoreDetectReports, StatisticsSayHowLongTheyTook) {
  g_usleep(2000);
  reports_->post_stats(
      gst_structure_new("patchcore-stats", "scored", G_TYPE_UINT64, guint64{7}, nullptr));
  const Structure message = next_message();
  ASSERT_NE(message, nullptr);
  ASSERT_TRUE(gst_structure_has_name(message.get(), "patchcore-stats"));
  guint64 scored = 0;
  guint64 elapsed = 0;
  EXPECT_TRUE(gst_structure_get(message.get(), "scored", G_TYPE_UINT64, &scored, "elapsed",
                                G_TYPE_UINT64, &elapsed, nullptr));
  EXPECT_EQ(scored, 7U);
  EXPECT_GE(elapsed, 2 * GST_MSECOND);
}

}  // namespace
