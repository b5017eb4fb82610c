// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects which regions of interest are parts, and what becomes of them in both elements: each is
// inspected by itself, and the frame is as anomalous as the worst.
#include "gst/gstpatchcoreparts.h"

#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/trainer.h"
#include "gst/gstpatchcoreresult.h"
#include "tests/gst/element_harness.h"
#include "tests/gst/video_frames.h"
#include "tests/support/png_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::Rect;
using patchcore::Size;
using patchcore::test::Buffer;
using patchcore::test::ElementHarness;
using patchcore::test::make_info;
using patchcore::test::MessageLog;
using patchcore::test::StripedPicture;
using patchcore::test::TemporaryFolder;

constexpr Size frame_size = {256, 192};
constexpr Rect left_part = {0, 0, 64, 48};
constexpr Rect right_part = {160, 96, 64, 48};

GstVideoRegionOfInterestMeta* mark(GstBuffer* buffer, const char* type, const Rect& rect,
                                   gint id = 0) {
  GstVideoRegionOfInterestMeta* roi = gst_buffer_add_video_region_of_interest_meta(
      buffer, type, static_cast<guint>(rect.x), static_cast<guint>(rect.y),
      static_cast<guint>(rect.width), static_cast<guint>(rect.height));
  roi->id = id;
  return roi;
}

Rect centre_of(const Rect& part) {
  return {part.x + part.width / 2 - 4, part.y + part.height / 2 - 4, 9, 9};
}

/// An element between two pads; what it posts.
class Running : public ElementHarness {
 public:
  explicit Running(const std::string& description) : ElementHarness(description) {
    set_caps(make_info(GST_VIDEO_FORMAT_RGB, frame_size));
  }

  Buffer make_frame(const std::vector<Rect>& defects = {}) {
    StripedPicture picture(4, frame_size);
    for (const Rect& defect : defects) picture.add_defect(defect);
    Buffer buffer(gst_buffer_new_allocate(nullptr, picture.rgb.size(), nullptr));
    gst_buffer_fill(buffer.get(), 0, picture.rgb.data(), picture.rgb.size());
    GST_BUFFER_PTS(buffer.get()) = frames_++ * 40 * GST_MSECOND;
    return buffer;
  }

  /// The metadata lives until the next frame.
  const GstPatchCoreMeta& pass(Buffer frame) {
    EXPECT_EQ(push(std::move(frame)), GST_FLOW_OK);
    out_ = pull();
    return *gst_buffer_get_patch_core_meta(out_.get());
  }
  GstBuffer* out() { return out_.get(); }

  guint64 count(const char* property) {
    guint64 value = 0;
    g_object_get(element(), property, &value, nullptr);
    return value;
  }

 private:
  guint frames_ = 0;
  Buffer out_;
};

class PatchCoreParts : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    detect_ = new std::string("patchcoredetect threads=1 overlay=none region-from-meta=part bank=" +
                              patchcore::test::write_tiny_bank(folder_->path()) + " ");
  }
  static void TearDownTestSuite() {
    delete detect_;
    delete folder_;
  }

  static TemporaryFolder* folder_;
  static std::string* detect_;
};

TemporaryFolder* PatchCoreParts::folder_ = nullptr;
std::string* PatchCoreParts::detect_ = nullptr;

TEST_F(PatchCoreParts, AreTheRegionsOfInterestOfOneType) {
  const Buffer buffer(gst_buffer_new());
  mark(buffer.get(), "part", {1, 2, 3, 4}, 7);
  mark(buffer.get(), "face", {5, 6, 7, 8});
  mark(buffer.get(), "part", {10, 20, 30, 40}, 9);
  const std::vector<GstPatchCoreMarkedPart> parts =
      gst_patch_core_marked_parts(buffer.get(), "part");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].roi->id, 7);
  EXPECT_EQ(parts[0].rect.y, 2);
  EXPECT_EQ(parts[1].roi->id, 9);
  EXPECT_EQ(parts[1].rect.width, 30);
  EXPECT_TRUE(gst_patch_core_marked_parts(buffer.get(), "nobody said this ever").empty());
}

TEST_F(PatchCoreParts, AreNeverWhatADetectorHasFound) {
  const Buffer buffer(gst_buffer_new());
  patchcore::Detection detection;
  detection.anomalous = true;
  detection.map = {1, 1, {1}};
  detection.regions = {{{1, 2, 3, 4}, 12, 1, 1, 2}};
  GstPatchCoreFrameResult result;
  result.detection = &detection;
  gst_patch_core_result_attach(buffer.get(), result);
  mark(buffer.get(), GST_PATCH_CORE_REGION_TYPE, {10, 20, 30, 40});
  const auto parts = gst_patch_core_marked_parts(buffer.get(), GST_PATCH_CORE_REGION_TYPE);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].rect.x, 10);
}

TEST_F(PatchCoreParts, HaveNoSizeThatOverflows) {
  const Buffer buffer(gst_buffer_new());
  gst_buffer_add_video_region_of_interest_meta(buffer.get(), "part", G_MAXUINT, 1, G_MAXUINT, 2);
  const auto parts = gst_patch_core_marked_parts(buffer.get(), "part");
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].rect.x, 1 << 24);
  EXPECT_EQ(parts[0].rect.width, 1 << 24);
}

TEST_F(PatchCoreParts, EachIsInspectedByItself) {
  Running running(*detect_);
  Buffer frame = running.make_frame({centre_of(right_part), {100, 20, 30, 30}});
  mark(frame.get(), "part", left_part, 11);
  mark(frame.get(), "part", right_part, 12);
  mark(frame.get(), "other", {90, 10, 64, 48}, 13);
  const GstPatchCoreMeta& meta = running.pass(std::move(frame));
  EXPECT_EQ(meta.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(meta.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  ASSERT_EQ(meta.n_parts, 2U);
  const GstPatchCorePart& good = *gst_patch_core_meta_get_part(&meta, 0);
  const GstPatchCorePart& bad = *gst_patch_core_meta_get_part(&meta, 1);
  EXPECT_EQ(good.roi_id, 11);
  EXPECT_EQ(good.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(good.reason, GST_PATCH_CORE_REASON_NONE);
  EXPECT_LT(good.relative_score, 1);
  EXPECT_EQ(bad.roi_id, 12);
  EXPECT_EQ(bad.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(bad.x, right_part.x);
  EXPECT_EQ(bad.y, right_part.y);
  EXPECT_EQ(bad.width, 64);
  EXPECT_EQ(bad.height, 48);
  // The frame is as bad as its worst part, and the regions are where they are in the frame.
  EXPECT_EQ(meta.score, bad.score);
  EXPECT_EQ(meta.relative_score, bad.relative_score);
  ASSERT_GE(meta.n_regions, 1U);
  EXPECT_NEAR(meta.regions[0].peak_x, right_part.x + 32, 14);
  EXPECT_NEAR(meta.regions[0].peak_y, right_part.y + 24, 14);
  EXPECT_EQ(meta.inspected_x, 0);
  EXPECT_EQ(meta.inspected_width, 224);
  EXPECT_EQ(meta.inspected_height, 144);
  EXPECT_EQ(*std::max_element(meta.map, meta.map + meta.map_width * meta.map_height),
            static_cast<gfloat>(meta.score));

  // Who knows nothing of our metadata finds it with the regions of interest.
  for (const auto& part : gst_patch_core_marked_parts(running.out(), "part")) {
    GstStructure* said =
        gst_video_region_of_interest_meta_get_param(part.roi, GST_PATCH_CORE_PART_NAME);
    ASSERT_NE(said, nullptr);
    double score = 0;
    EXPECT_TRUE(gst_structure_get_double(said, "score", &score));
    EXPECT_EQ(score, part.roi->id == 11 ? good.score : bad.score);
  }
  EXPECT_EQ(running.log().count(GST_MESSAGE_ELEMENT), 1U);
}

// The result of a part is that of the same picture as a frame.
TEST_F(PatchCoreParts, AreWhatFramesOfTheirOwnWouldBe) {
  Running running(*detect_);
  Buffer frame = running.make_frame({centre_of(right_part)});
  mark(frame.get(), "part", right_part);
  const GstPatchCoreMeta& meta = running.pass(std::move(frame));
  const double score = meta.score;
  EXPECT_EQ(meta.inspected_x, right_part.x);
  EXPECT_EQ(meta.map_width, 16U);

  std::string whole = *detect_;
  whole.replace(whole.find("region-from-meta=part"), 21, "mode=every region=160,96,64,48");
  Running plain(whole);
  EXPECT_EQ(plain.pass(plain.make_frame({centre_of(right_part)})).score, score);
}

TEST_F(PatchCoreParts, AFrameWithoutAnyIsNotInspected) {
  Running running(*detect_);
  Buffer frame = running.make_frame();
  mark(frame.get(), "part", left_part);
  EXPECT_EQ(running.pass(std::move(frame)).result, GST_PATCH_CORE_RESULT_FRESH);
  frame = running.make_frame({{100, 20, 30, 30}});
  mark(frame.get(), "other", {90, 10, 64, 48});
  const GstPatchCoreMeta& meta = running.pass(std::move(frame));
  // Nor is the result of a part that has left shown again.
  EXPECT_EQ(meta.result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(meta.reason, GST_PATCH_CORE_REASON_NO_PART);
  EXPECT_EQ(meta.verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
  EXPECT_EQ(meta.n_parts, 0U);
}

TEST_F(PatchCoreParts, AreCutOffAtTheFrame) {
  Running running(*detect_);
  Buffer frame = running.make_frame();
  mark(frame.get(), "part", {200, 150, 500, 500});
  const GstPatchCoreMeta& meta = running.pass(std::move(frame));
  ASSERT_EQ(meta.n_parts, 1U);
  EXPECT_EQ(meta.parts[0].x, 200);
  EXPECT_EQ(meta.parts[0].width, 56);
  EXPECT_EQ(meta.parts[0].height, 42);
  EXPECT_NE(meta.parts[0].verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
}

TEST_F(PatchCoreParts, ThatDoNotFitAreNamedAndNotScored) {
  Running running(*detect_);
  Buffer frame = running.make_frame();
  mark(frame.get(), "part", {10, 10, 31, 64}, 1);
  mark(frame.get(), "part", left_part, 2);
  mark(frame.get(), "part", {300, 10, 64, 64}, 3);
  const GstPatchCoreMeta& some = running.pass(std::move(frame));
  EXPECT_EQ(some.result, GST_PATCH_CORE_RESULT_FRESH);
  ASSERT_EQ(some.n_parts, 3U);
  for (const guint unfit : {0U, 2U}) {
    EXPECT_EQ(some.parts[unfit].reason, GST_PATCH_CORE_REASON_UNFIT);
    EXPECT_EQ(some.parts[unfit].verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
    EXPECT_TRUE(std::isnan(some.parts[unfit].score));
  }
  EXPECT_EQ(some.parts[1].verdict, GST_PATCH_CORE_VERDICT_NORMAL);

  frame = running.make_frame();
  mark(frame.get(), "part", {10, 10, 31, 64}, 1);
  const GstPatchCoreMeta& none = running.pass(std::move(frame));
  EXPECT_EQ(none.result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(none.reason, GST_PATCH_CORE_REASON_UNFIT);
  ASSERT_EQ(none.n_parts, 1U);
  EXPECT_EQ(none.parts[0].width, 31);
  EXPECT_EQ(running.log().count(GST_MESSAGE_WARNING), 0U);
}

// The mask is each part's own.
TEST_F(PatchCoreParts, AreMaskedOneByOne) {
  const std::string mask = *folder_ / "mask.png";
  patchcore::test::write_mask(mask, {64, 48}, {0, 0, 32, 48});
  Running running(*detect_ + "mask=" + mask);
  Buffer frame = running.make_frame(
      {{left_part.x + 2, left_part.y + 20, 6, 6}, {right_part.x + 44, right_part.y + 20, 9, 9}});
  mark(frame.get(), "part", left_part);
  mark(frame.get(), "part", right_part);
  const GstPatchCoreMeta& meta = running.pass(std::move(frame));
  ASSERT_EQ(meta.n_parts, 2U);
  EXPECT_EQ(meta.parts[0].verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(meta.parts[1].verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
}

TEST_F(PatchCoreParts, HeldResultsKeepThem) {
  Running running(*detect_ + "interval=2");
  Buffer frame = running.make_frame();
  mark(frame.get(), "part", left_part, 5);
  running.pass(std::move(frame));
  const GstPatchCoreMeta& held = running.pass(running.make_frame());
  EXPECT_EQ(held.result, GST_PATCH_CORE_RESULT_HELD);
  ASSERT_EQ(held.n_parts, 1U);
  EXPECT_EQ(held.parts[0].roi_id, 5);
}

TEST_F(PatchCoreParts, DoNotGoWithFramesThatPassUnscored) {
  GstElement* element = gst_parse_launch((*detect_ + "mode=newest").c_str(), nullptr);
  gst_object_ref_sink(element);
  MessageLog log;
  log.attach(element);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  const std::string error = log.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_NE(error.find("mode=every"), std::string::npos) << error;
  gst_element_set_state(element, GST_STATE_NULL);
  log.detach(element);
  gst_object_unref(element);
}

// Frames without parts, and what is too small, is passed over; the parts count as frames.
TEST_F(PatchCoreParts, AreLearnedLikeFrames) {
  Running running(
      "patchcoretrain backbone=resnet18 layers=layer1,layer2 input-size=64x64 "
      "pretrain-embed-dimension=64 target-embed-dimension=64 threads=1 region-from-meta=part "
      "max-frames=5 weights=" +
      (*folder_ / "resnet18.safetensors") + " bank=" + (*folder_ / "parts.bank"));
  const auto push = [&](const std::vector<Rect>& parts) {
    Buffer frame = running.make_frame();
    for (const Rect& part : parts) mark(frame.get(), "part", part);
    EXPECT_EQ(gst_harness_push(running.harness(), frame.release()), GST_FLOW_OK);
  };
  push({});
  push({left_part, {0, 0, 20, 20}, right_part});
  push({right_part, {400, 400, 64, 64}});
  push({left_part, right_part, left_part});
  push({left_part});
  gst_harness_push_event(running.harness(), gst_event_new_eos());
  EXPECT_EQ(running.count("frames"), 5U);
  EXPECT_EQ(running.count("patches"), 5U * 256);
  EXPECT_EQ(running.log().count(GST_MESSAGE_ERROR), 0U);
  ASSERT_NE(running.log().trained(), nullptr);
}

// Of which more have to come then, as with frames.
TEST_F(PatchCoreParts, ThatShowNothingNewDoNotCountForTheLimit) {
  Running running(
      "patchcoretrain backbone=resnet18 layers=layer1,layer2 input-size=64x64 "
      "pretrain-embed-dimension=64 target-embed-dimension=64 threads=1 region-from-meta=part "
      "min-novelty=1.25 max-frames=11 weights=" +
      (*folder_ / "resnet18.safetensors") + " bank=" + (*folder_ / "novel.bank"));
  for (int i = 0; i < 12; ++i) {
    Buffer frame = running.make_frame();
    mark(frame.get(), "part", left_part);
    EXPECT_EQ(running.push(std::move(frame)), GST_FLOW_OK);
  }
  gst_harness_push_event(running.harness(), gst_event_new_eos());
  EXPECT_LT(running.count("frames"), 11U);
  EXPECT_EQ(running.count("frames") + running.count("skipped"), 12U);
}

}  // namespace
