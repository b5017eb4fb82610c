// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result that the tests of the metadata attach, and what must be left of it.
#pragma once

#include <gst/patchcore/patchcore.h>
#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <vector>

namespace patchcore::test {

struct Unref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using Buffer = std::unique_ptr<GstBuffer, Unref>;

inline Buffer make_buffer() {
  return Buffer(gst_buffer_new_allocate(nullptr, 64, nullptr));
}

constexpr gfloat example_map[] = {1, 2, 3, 4, 5, 6};
constexpr GstPatchCoreRegion example_regions[] = {{10, 20, 30, 40, 600.5, 3.5, 15, 50},
                                                  {100, 80, 4, 8, 16, 2.5, 103, 87}};

constexpr GstPatchCorePart example_parts[] = {
    {7, GST_PATCH_CORE_REASON_NONE, GST_PATCH_CORE_VERDICT_ANOMALOUS, 3.5, 1.75, 16, 24, 160, 96},
    {8, GST_PATCH_CORE_REASON_UNFIT, GST_PATCH_CORE_VERDICT_UNKNOWN, 0, 0, 304, 0, 16, 16}};

/// The example result, of a frame of 320 x 240.
inline void fill(GstPatchCoreMeta* meta) {
  meta->result = GST_PATCH_CORE_RESULT_HELD;
  meta->reason = GST_PATCH_CORE_REASON_NOT_YET;
  meta->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
  meta->score = 3.5;
  meta->threshold = 2;
  meta->usual_score = 1.25;
  meta->relative_score = 1.75;
  meta->scored_pts = 40 * GST_MSECOND;
  meta->age = 33 * GST_MSECOND;
  meta->drawn = TRUE;
  gst_patch_core_meta_set_bank(meta, "bank 1");
  meta->inspected_x = 0;
  meta->inspected_y = 0;
  meta->inspected_width = 320;
  meta->inspected_height = 240;
  meta->input_width = 304;
  meta->input_height = 224;
  gst_patch_core_meta_set_map(meta, example_map, 3, 2);
  gst_patch_core_meta_set_regions(meta, example_regions, 2);
  gst_patch_core_meta_set_parts(meta, example_parts, 2);
}

/// All that does not depend on the size of the frame.
inline void expect_example_values(const GstPatchCoreMeta* meta) {
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(meta->result, GST_PATCH_CORE_RESULT_HELD);
  EXPECT_EQ(meta->reason, GST_PATCH_CORE_REASON_NOT_YET);
  EXPECT_EQ(meta->verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(meta->score, 3.5);
  EXPECT_EQ(meta->threshold, 2);
  EXPECT_EQ(meta->usual_score, 1.25);
  EXPECT_EQ(meta->relative_score, 1.75);
  EXPECT_EQ(meta->scored_pts, 40 * GST_MSECOND);
  EXPECT_EQ(meta->age, 33 * GST_MSECOND);
  EXPECT_EQ(meta->drawn, TRUE);
  EXPECT_STREQ(meta->bank, "bank 1");
  EXPECT_EQ(meta->input_width, 304);
  EXPECT_EQ(meta->input_height, 224);
  gsize n_values = 0;
  const gfloat* map = gst_patch_core_meta_get_map(meta, &n_values);
  ASSERT_EQ(n_values, 6U);
  EXPECT_EQ(std::vector<gfloat>(map, map + n_values),
            std::vector<gfloat>(std::begin(example_map), std::end(example_map)));
  EXPECT_EQ(meta->map_width, 3U);
  EXPECT_EQ(meta->map_height, 2U);
  ASSERT_EQ(meta->n_regions, 2U);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta, 0)->peak, 3.5);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta, 1)->peak, 2.5);
  ASSERT_EQ(meta->n_parts, 2U);
  const GstPatchCorePart* part = gst_patch_core_meta_get_part(meta, 0);
  EXPECT_EQ(part->roi_id, 7);
  EXPECT_EQ(part->verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(part->score, 3.5);
  EXPECT_EQ(part->relative_score, 1.75);
  EXPECT_EQ(gst_patch_core_meta_get_part(meta, 1)->reason, GST_PATCH_CORE_REASON_UNFIT);
  EXPECT_EQ(gst_patch_core_meta_get_part(meta, 2), nullptr);
}

inline void expect_region(const GstPatchCoreRegion* region, const GstPatchCoreRegion& expected) {
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(region->x, expected.x);
  EXPECT_EQ(region->y, expected.y);
  EXPECT_EQ(region->width, expected.width);
  EXPECT_EQ(region->height, expected.height);
  EXPECT_DOUBLE_EQ(region->area, expected.area);
  EXPECT_EQ(region->peak_x, expected.peak_x);
  EXPECT_EQ(region->peak_y, expected.peak_y);
}

inline void expect_part(const GstPatchCorePart* part, int x, int y, int width, int height) {
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->x, x);
  EXPECT_EQ(part->y, y);
  EXPECT_EQ(part->width, width);
  EXPECT_EQ(part->height, height);
}

}  // namespace patchcore::test
