// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that GStreamer's own analytics elements read the same result as those who know ours.
#include "gst/gstpatchcoreanalytics.h"

#include <gst/analytics/analytics.h>
#include <gtest/gtest.h>

#include <vector>

namespace {

class PatchCoreAnalytics : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    buffer_ = gst_buffer_new();
    meta_ = gst_buffer_add_patch_core_meta(buffer_);
    meta_->result = GST_PATCH_CORE_RESULT_FRESH;
    meta_->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
    meta_->score = 6;
    meta_->threshold = 2;
    const GstPatchCoreRegion regions[] = {{10, 20, 30, 40, 600, 6, 15, 50},
                                          {100, 80, 4, 8, 16, 2, 103, 87}};
    gst_patch_core_meta_set_regions(meta_, regions, 2);
  }
  void TearDown() override { gst_buffer_unref(buffer_); }

  GstAnalyticsRelationMeta* relations() { return gst_buffer_get_analytics_relation_meta(buffer_); }

  std::vector<GstAnalyticsMtd> all_of(GstAnalyticsMtdType type) {
    std::vector<GstAnalyticsMtd> all;
    gpointer state = nullptr;
    GstAnalyticsMtd next;
    while (gst_analytics_relation_meta_iterate(relations(), &state, type, &next)) {
      all.push_back(next);
    }
    return all;
  }

  std::vector<GstAnalyticsMtd> verdicts() { return all_of(gst_analytics_cls_mtd_get_mtd_type()); }
  std::vector<GstAnalyticsMtd> objects() { return all_of(gst_analytics_od_mtd_get_mtd_type()); }

  GstBuffer* buffer_ = nullptr;
  GstPatchCoreMeta* meta_ = nullptr;
};

TEST_F(PatchCoreAnalytics, TheVerdictIsAClassification) {
  gst_patch_core_analytics_attach(buffer_, meta_);
  ASSERT_EQ(verdicts().size(), 1U);
  const GstAnalyticsClsMtd verdict = verdicts()[0];
  ASSERT_EQ(gst_analytics_cls_mtd_get_length(&verdict), 2U);
  EXPECT_STREQ(g_quark_to_string(gst_analytics_cls_mtd_get_quark(&verdict, 0)), "anomalous");
  EXPECT_FLOAT_EQ(gst_analytics_cls_mtd_get_level(&verdict, 0), 0.75F);
  EXPECT_STREQ(g_quark_to_string(gst_analytics_cls_mtd_get_quark(&verdict, 1)), "normal");
  EXPECT_FLOAT_EQ(gst_analytics_cls_mtd_get_level(&verdict, 1), 0.25F);
}

TEST_F(PatchCoreAnalytics, RegionsAreObjectsRelatedToIt) {
  gst_patch_core_analytics_attach(buffer_, meta_);
  const std::vector<GstAnalyticsMtd> found = objects();
  const gfloat confidences[] = {0.75F, 0.5F};
  ASSERT_EQ(found.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    int x = 0, y = 0, width = 0, height = 0;
    gfloat confidence = 0;
    ASSERT_TRUE(gst_analytics_od_mtd_get_location(&found[i], &x, &y, &width, &height, &confidence));
    EXPECT_EQ(x, meta_->regions[i].x);
    EXPECT_EQ(y, meta_->regions[i].y);
    EXPECT_EQ(width, meta_->regions[i].width);
    EXPECT_EQ(height, meta_->regions[i].height);
    EXPECT_FLOAT_EQ(confidence, confidences[i]);
    EXPECT_STREQ(g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&found[i])), "anomaly");
    EXPECT_EQ(gst_analytics_relation_meta_get_relation(relations(), found[i].id, verdicts()[0].id),
              GST_ANALYTICS_REL_TYPE_RELATE_TO);
  }
}

TEST_F(PatchCoreAnalytics, NoResultIsNoClassification) {
  meta_->result = GST_PATCH_CORE_RESULT_NONE;
  gst_patch_core_analytics_attach(buffer_, meta_);
  EXPECT_EQ(relations(), nullptr);
}

TEST_F(PatchCoreAnalytics, NormalFramesAreClassifiedAndHaveNoObjects) {
  meta_->verdict = GST_PATCH_CORE_VERDICT_NORMAL;
  meta_->score = 1;
  gst_patch_core_meta_set_regions(meta_, nullptr, 0);
  gst_patch_core_analytics_attach(buffer_, meta_);
  ASSERT_EQ(verdicts().size(), 1U);
  EXPECT_LT(gst_analytics_cls_mtd_get_level(&verdicts()[0], 0), 0.5F);
  EXPECT_TRUE(objects().empty());
}

TEST_F(PatchCoreAnalytics, WhatOthersFoundStays) {
  GstAnalyticsODMtd person;
  ASSERT_TRUE(gst_analytics_relation_meta_add_od_mtd(
      gst_buffer_add_analytics_relation_meta(buffer_), g_quark_from_static_string("person"), 1, 2,
      3, 4, 0.9F, &person));
  gst_patch_core_analytics_attach(buffer_, meta_);
  EXPECT_EQ(gst_buffer_get_n_meta(buffer_, GST_ANALYTICS_RELATION_META_API_TYPE), 1U);
  ASSERT_EQ(objects().size(), 3U);
  EXPECT_STREQ(g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&objects()[0])), "person");
}

}  // namespace
