// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a detection arrives whole in the metadata and in the message, and that no detection
// is never taken for a good one.
#include "gst/gstpatchcoreresult.h"

#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <cmath>

namespace {

patchcore::Detection make_detection() {
  patchcore::Detection detection;
  detection.score = 3;
  detection.threshold = 2;
  detection.usual_score = 1;
  detection.anomalous = true;
  detection.map = {2, 3, {1, 2, 3, 0, 1, 2}};
  detection.inspected = {4, 5, 60, 40};
  detection.input_size = {336, 224};
  detection.regions = {{{10, 11, 12, 13}, 99, 3, 14, 15}, {{1, 2, 3, 4}, 7, 2.5, 2, 3}};
  return detection;
}

GstPatchCoreFrameResult fresh(const patchcore::Detection& detection, GstClockTime pts) {
  return {GST_PATCH_CORE_RESULT_FRESH, GST_PATCH_CORE_REASON_NONE, &detection, pts, "b1"};
}

class PatchCoreResult : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    buffer_ = gst_buffer_new();
    GST_BUFFER_PTS(buffer_) = 2 * GST_SECOND;
    GST_BUFFER_DURATION(buffer_) = GST_SECOND;
    gst_segment_init(&segment_, GST_FORMAT_TIME);
    segment_.start = GST_SECOND;
    segment_.time = 10 * GST_SECOND;
    segment_.base = 100 * GST_SECOND;
  }
  void TearDown() override { gst_buffer_unref(buffer_); }

  GstBuffer* buffer_ = nullptr;
  GstSegment segment_;
};

TEST_F(PatchCoreResult, MetaSaysWhatTheDetectionSays) {
  const patchcore::Detection detection = make_detection();
  gst_patch_core_result_attach(buffer_, {GST_PATCH_CORE_RESULT_HELD, GST_PATCH_CORE_REASON_LATE,
                                         &detection, GST_SECOND, "b1"});

  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer_);
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(meta->result, GST_PATCH_CORE_RESULT_HELD);
  EXPECT_EQ(meta->reason, GST_PATCH_CORE_REASON_LATE);
  EXPECT_EQ(meta->age, GST_SECOND);
  EXPECT_STREQ(meta->bank, "b1");
  EXPECT_EQ(meta->verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(meta->score, 3);
  EXPECT_EQ(meta->threshold, 2);
  EXPECT_EQ(meta->usual_score, 1);
  EXPECT_EQ(meta->relative_score, 1.5);
  EXPECT_EQ(meta->scored_pts, GST_SECOND);
  EXPECT_EQ(meta->inspected_x, 4);
  EXPECT_EQ(meta->inspected_y, 5);
  EXPECT_EQ(meta->inspected_width, 60);
  EXPECT_EQ(meta->inspected_height, 40);
  EXPECT_EQ(meta->input_width, 336);
  EXPECT_EQ(meta->input_height, 224);
  ASSERT_EQ(meta->map_width, 3U);
  ASSERT_EQ(meta->map_height, 2U);
  EXPECT_EQ(meta->map[2], 3);
  ASSERT_EQ(meta->n_regions, 2U);
  EXPECT_EQ(meta->regions[0].x, 10);
  EXPECT_EQ(meta->regions[0].height, 13);
  EXPECT_EQ(meta->regions[0].area, 99);
  EXPECT_EQ(meta->regions[0].peak_y, 15);
  EXPECT_EQ(meta->regions[1].peak, 2.5);
}

TEST_F(PatchCoreResult, EachRegionIsARegionOfInterest) {
  const patchcore::Detection detection = make_detection();
  gst_patch_core_result_attach(buffer_, fresh(detection, 0));

  ASSERT_EQ(gst_buffer_get_n_meta(buffer_, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), 2U);
  gpointer state = nullptr;
  const auto* roi =
      reinterpret_cast<GstVideoRegionOfInterestMeta*>(gst_buffer_iterate_meta_filtered(
          buffer_, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
  EXPECT_STREQ(g_quark_to_string(roi->roi_type), "anomaly");
  EXPECT_EQ(roi->x, 10U);
  EXPECT_EQ(roi->y, 11U);
  EXPECT_EQ(roi->w, 12U);
  EXPECT_EQ(roi->h, 13U);
  const GstStructure* param = gst_video_region_of_interest_meta_get_param(
      const_cast<GstVideoRegionOfInterestMeta*>(roi), "patchcore-region");
  ASSERT_NE(param, nullptr);
  double peak = 0;
  double relative = 0;
  ASSERT_TRUE(gst_structure_get(param, "peak", G_TYPE_DOUBLE, &peak, "relative-peak", G_TYPE_DOUBLE,
                                &relative, nullptr));
  EXPECT_EQ(peak, 3);
  EXPECT_EQ(relative, 1.5);
}

TEST_F(PatchCoreResult, NormalFramesHaveNoRegions) {
  patchcore::Detection detection = make_detection();
  detection.score = 1;
  detection.anomalous = false;
  detection.regions.clear();
  gst_patch_core_result_attach(buffer_, fresh(detection, 0));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_)->verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_)->n_regions, 0U);
  EXPECT_EQ(gst_buffer_get_n_meta(buffer_, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), 0U);
}

TEST_F(PatchCoreResult, NoDetectionIsNotGood) {
  gst_patch_core_result_attach(buffer_, {GST_PATCH_CORE_RESULT_NONE, GST_PATCH_CORE_REASON_GAP});
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer_);
  EXPECT_EQ(meta->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(meta->verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
  EXPECT_TRUE(std::isnan(meta->score));
  EXPECT_EQ(meta->map, nullptr);
  EXPECT_EQ(meta->reason, GST_PATCH_CORE_REASON_GAP);
  EXPECT_EQ(meta->age, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(meta->bank, nullptr);
}

TEST_F(PatchCoreResult, TimesThatAreMissingOrRunBackwardsMakeNoAge) {
  const patchcore::Detection detection = make_detection();
  const GstPatchCoreMeta* meta =
      gst_patch_core_result_attach(buffer_, fresh(detection, GST_CLOCK_TIME_NONE));
  EXPECT_EQ(meta->age, GST_CLOCK_TIME_NONE);
  meta = gst_patch_core_result_attach(buffer_, fresh(detection, 2 * GST_SECOND + 1));
  EXPECT_EQ(meta->age, GST_CLOCK_TIME_NONE);
  GST_BUFFER_PTS(buffer_) = GST_CLOCK_TIME_NONE;
  meta = gst_patch_core_result_attach(buffer_, fresh(detection, GST_SECOND));
  EXPECT_EQ(meta->age, GST_CLOCK_TIME_NONE);
}

TEST_F(PatchCoreResult, AFreshResultHasNoAge) {
  const patchcore::Detection detection = make_detection();
  EXPECT_EQ(gst_patch_core_result_attach(buffer_, fresh(detection, 2 * GST_SECOND))->age, 0U);
}

TEST_F(PatchCoreResult, StructureHasTheDocumentedFields) {
  const patchcore::Detection detection = make_detection();
  const GstPatchCoreMeta* meta =
      gst_patch_core_result_attach(buffer_, fresh(detection, GST_SECOND));
  GstStructure* fields = gst_patch_core_result_structure(buffer_, meta, &segment_);
  ASSERT_TRUE(gst_structure_has_name(fields, "patchcore-result"));
  GstPatchCoreResult result = GST_PATCH_CORE_RESULT_NONE;
  GstPatchCoreVerdict verdict = GST_PATCH_CORE_VERDICT_UNKNOWN;
  GstPatchCoreReason reason = GST_PATCH_CORE_REASON_GAP;
  double score = 0, threshold = 0, usual = 0, relative = 0;
  guint64 pts = 0, duration = 0, stream_time = 0, running_time = 0, scored_pts = 0, age = 0;
  ASSERT_TRUE(gst_structure_get(
      fields, "result", GST_TYPE_PATCH_CORE_RESULT, &result, "verdict", GST_TYPE_PATCH_CORE_VERDICT,
      &verdict, "score", G_TYPE_DOUBLE, &score, "threshold", G_TYPE_DOUBLE, &threshold,
      "relative-score", G_TYPE_DOUBLE, &relative, "pts", G_TYPE_UINT64, &pts, "duration",
      G_TYPE_UINT64, &duration, "stream-time", G_TYPE_UINT64, &stream_time, "running-time",
      G_TYPE_UINT64, &running_time, "scored-pts", G_TYPE_UINT64, &scored_pts, "reason",
      GST_TYPE_PATCH_CORE_REASON, &reason, "usual-score", G_TYPE_DOUBLE, &usual, "age",
      G_TYPE_UINT64, &age, nullptr));
  EXPECT_EQ(reason, GST_PATCH_CORE_REASON_NONE);
  EXPECT_EQ(usual, 1);
  EXPECT_EQ(age, GST_SECOND);
  EXPECT_STREQ(gst_structure_get_string(fields, "bank"), "b1");
  EXPECT_EQ(result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(score, 3);
  EXPECT_EQ(threshold, 2);
  EXPECT_EQ(relative, 1.5);
  EXPECT_EQ(pts, 2 * GST_SECOND);
  EXPECT_EQ(duration, GST_SECOND);
  EXPECT_EQ(stream_time, 11 * GST_SECOND);
  EXPECT_EQ(running_time, 101 * GST_SECOND);
  EXPECT_EQ(scored_pts, GST_SECOND);

  const GValue* regions = gst_structure_get_value(fields, "regions");
  ASSERT_TRUE(GST_VALUE_HOLDS_ARRAY(regions));
  ASSERT_EQ(gst_value_array_get_size(regions), 2U);
  const GstStructure* region = gst_value_get_structure(gst_value_array_get_value(regions, 1));
  int width = 0, peak_x = 0;
  double peak = 0;
  ASSERT_TRUE(gst_structure_get(region, "width", G_TYPE_INT, &width, "peak-x", G_TYPE_INT, &peak_x,
                                "peak", G_TYPE_DOUBLE, &peak, nullptr));
  EXPECT_EQ(width, 3);
  EXPECT_EQ(peak_x, 2);
  EXPECT_EQ(peak, 2.5);
  gst_structure_free(fields);
}

TEST_F(PatchCoreResult, StructureHasEveryPart) {
  const patchcore::Detection detection = make_detection();
  const std::vector<GstPatchCorePart> parts = {
      {7, GST_PATCH_CORE_REASON_NONE, GST_PATCH_CORE_VERDICT_ANOMALOUS, 3, 1.5, 1, 2, 30, 40}};
  GstPatchCoreFrameResult result = fresh(detection, GST_SECOND);
  result.parts = &parts;
  const GstPatchCoreMeta* meta = gst_patch_core_result_attach(buffer_, result);
  ASSERT_EQ(meta->n_parts, 1U);
  GstStructure* fields = gst_patch_core_result_structure(buffer_, meta, &segment_);
  const GValue* said = gst_structure_get_value(fields, "parts");
  ASSERT_TRUE(GST_VALUE_HOLDS_ARRAY(said));
  ASSERT_EQ(gst_value_array_get_size(said), 1U);
  const GstStructure* part = gst_value_get_structure(gst_value_array_get_value(said, 0));
  ASSERT_TRUE(gst_structure_has_name(part, "patchcore-part"));
  GstPatchCoreVerdict verdict = GST_PATCH_CORE_VERDICT_UNKNOWN;
  GstPatchCoreReason reason = GST_PATCH_CORE_REASON_GAP;
  int id = 0, x = 0, y = 0, width = 0, height = 0;
  double score = 0, relative = 0;
  ASSERT_TRUE(gst_structure_get(
      part, "roi-id", G_TYPE_INT, &id, "reason", GST_TYPE_PATCH_CORE_REASON, &reason, "verdict",
      GST_TYPE_PATCH_CORE_VERDICT, &verdict, "score", G_TYPE_DOUBLE, &score, "relative-score",
      G_TYPE_DOUBLE, &relative, "x", G_TYPE_INT, &x, "y", G_TYPE_INT, &y, "width", G_TYPE_INT,
      &width, "height", G_TYPE_INT, &height, nullptr));
  EXPECT_EQ(id, 7);
  EXPECT_EQ(reason, GST_PATCH_CORE_REASON_NONE);
  EXPECT_EQ(verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(score, 3);
  EXPECT_EQ(relative, 1.5);
  EXPECT_EQ(x, 1);
  EXPECT_EQ(y, 2);
  EXPECT_EQ(width, 30);
  EXPECT_EQ(height, 40);
  gst_structure_free(fields);
}

TEST_F(PatchCoreResult, StructureWithoutTimesSaysSo) {
  GST_BUFFER_PTS(buffer_) = GST_CLOCK_TIME_NONE;
  const GstPatchCoreMeta* meta = gst_patch_core_result_attach(buffer_, {});
  GstStructure* fields = gst_patch_core_result_structure(buffer_, meta, &segment_);
  guint64 running_time = 0;
  ASSERT_TRUE(gst_structure_get_uint64(fields, "running-time", &running_time));
  EXPECT_EQ(running_time, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(gst_value_array_get_size(gst_structure_get_value(fields, "regions")), 0U);
  gst_structure_free(fields);
}

TEST_F(PatchCoreResult, WhatIsDrawnOfAMetaIsWhatTheDetectionSaid) {
  const patchcore::Detection expected = make_detection();
  gst_patch_core_result_attach(buffer_, fresh(expected, GST_SECOND));
  const patchcore::Detection detection =
      gst_patch_core_result_detection(gst_buffer_get_patch_core_meta(buffer_));
  EXPECT_EQ(detection.score, expected.score);
  EXPECT_EQ(detection.threshold, expected.threshold);
  EXPECT_EQ(detection.usual_score, expected.usual_score);
  EXPECT_EQ(detection.anomalous, expected.anomalous);
  EXPECT_EQ(detection.map.width, expected.map.width);
  EXPECT_EQ(detection.map.height, expected.map.height);
  EXPECT_EQ(detection.map.values, expected.map.values);
  EXPECT_EQ(detection.inspected.x, expected.inspected.x);
  EXPECT_EQ(detection.inspected.y, expected.inspected.y);
  EXPECT_EQ(detection.inspected.width, expected.inspected.width);
  EXPECT_EQ(detection.inspected.height, expected.inspected.height);
  EXPECT_EQ(detection.input_size, expected.input_size);
}

TEST_F(PatchCoreResult, AMetaWithoutAMapHasNoneToDraw) {
  const patchcore::Detection detection =
      gst_patch_core_result_detection(gst_buffer_add_patch_core_meta(buffer_));
  EXPECT_TRUE(detection.map.values.empty());
  EXPECT_FALSE(detection.anomalous);
}

TEST_F(PatchCoreResult, OfSeveralTheLastOneAttachedIsTheNearest) {
  EXPECT_EQ(gst_patch_core_result_nearest(buffer_), nullptr);
  for (int i = 0; i < 3; ++i) {
    const GstPatchCoreMeta* added = gst_buffer_add_patch_core_meta(buffer_);
    EXPECT_EQ(gst_patch_core_result_nearest(buffer_), added);
  }
}

}  // namespace
