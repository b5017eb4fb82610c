// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects region and mask of a detector: what lies outside raises nothing, they change between two
// frames while it plays, and what cannot be used changes nothing.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/trainer.h"
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

constexpr Size frame_size = {128, 96};

Buffer make_picture(const StripedPicture& picture, guint frame) {
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, picture.size);
  Buffer buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  EXPECT_EQ(info.size, picture.rgb.size());
  gst_buffer_fill(buffer.get(), 0, picture.rgb.data(), picture.rgb.size());
  GST_BUFFER_PTS(buffer.get()) = frame * 40 * GST_MSECOND;
  return buffer;
}

std::string inspected(const GstPatchCoreMeta& meta) {
  return std::to_string(meta.inspected_x) + "," + std::to_string(meta.inspected_y) + "," +
         std::to_string(meta.inspected_width) + "," + std::to_string(meta.inspected_height);
}

/// A detector between two pads; what it posts.
class Running : public ElementHarness {
 public:
  explicit Running(const std::string& properties)
      : ElementHarness("patchcoredetect threads=1 overlay=none " + properties) {
    set_size(frame_size);
  }

  void set_size(Size size) {
    size_ = size;
    set_caps(make_info(GST_VIDEO_FORMAT_RGB, size));
  }

  GstFlowReturn push(const Rect& defect = {}) {
    StripedPicture picture(4, size_);
    picture.add_defect(defect);
    return ElementHarness::push(make_picture(picture, frames_++));
  }

  /// The metadata of the frame lives until the next one.
  const GstPatchCoreMeta& pass(const Rect& defect = {}) {
    EXPECT_EQ(push(defect), GST_FLOW_OK);
    out_ = pull();
    const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(out_.get());
    EXPECT_NE(meta, nullptr);
    return *meta;
  }

  void set(const char* property, const std::string& value) {
    g_object_set(element(), property, value.c_str(), nullptr);
  }

 private:
  Size size_;
  guint frames_ = 0;
  Buffer out_;
};

class PatchCoreDetectArea : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    bank_ = new std::string("bank=" + patchcore::test::write_tiny_bank(folder_->path()) +
                            " mode=every ");
    mask_ = new std::string(*folder_ / "mask.png");
    // Of the left half of the region, at half the size of the frame.
    patchcore::test::write_mask(*mask_, {64, 48}, {0, 0, 32, 48});
  }
  static void TearDownTestSuite() {
    delete mask_;
    delete bank_;
    delete folder_;
  }

  static TemporaryFolder* folder_;
  static std::string* bank_;
  static std::string* mask_;
};

TemporaryFolder* PatchCoreDetectArea::folder_ = nullptr;
std::string* PatchCoreDetectArea::bank_ = nullptr;
std::string* PatchCoreDetectArea::mask_ = nullptr;

constexpr Rect inside = {60, 38, 9, 9};
constexpr Rect outside = {4, 70, 24, 24};

TEST_F(PatchCoreDetectArea, OnlyTheRegionIsInspected) {
  Running running(*bank_ + "region=32,16,64,48");
  const GstPatchCoreMeta& usual = running.pass();
  EXPECT_EQ(usual.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(inspected(usual), "32,16,64,48");
  const double score = usual.score;
  EXPECT_EQ(running.pass(outside).score, score);

  const GstPatchCoreMeta& found = running.pass(inside);
  EXPECT_EQ(found.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  ASSERT_GE(found.n_regions, 1U);
  EXPECT_NEAR(found.regions[0].peak_x, 64, 14);
  EXPECT_NEAR(found.regions[0].peak_y, 42, 14);
}

TEST_F(PatchCoreDetectArea, BlackPartsOfTheMaskRaiseNothing) {
  Running running(*bank_ + "region=32,16,64,48 mask=" + *mask_);
  const Rect masked = {34, 38, 6, 6};
  EXPECT_EQ(running.pass(masked).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  const GstPatchCoreMeta& found = running.pass({80, 38, 9, 9});
  EXPECT_EQ(found.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  ASSERT_EQ(found.map_width, 16U);
  for (guint i = 0; i < found.map_width * found.map_height; ++i) {
    EXPECT_EQ(found.map[i] == 0, i % 16 < 8) << i;
  }
  for (guint i = 0; i < found.n_regions; ++i) EXPECT_GE(found.regions[i].x, 64);

  running.set("mask", "none");
  EXPECT_EQ(running.pass(masked).verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
}

TEST_F(PatchCoreDetectArea, TheyChangeBetweenTwoFrames) {
  Running running(*bank_);
  EXPECT_EQ(inspected(running.pass()), "0,0,128,96");
  running.set("region", "0.25,0.5,0.5,0.5");
  const GstPatchCoreMeta& first = running.pass();
  EXPECT_EQ(first.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(inspected(first), "32,48,64,48");
  running.set("region", "64,0,64,48");
  EXPECT_EQ(inspected(running.pass()), "64,0,64,48");
  running.set("region", "");
  EXPECT_EQ(inspected(running.pass()), "0,0,128,96");
  EXPECT_EQ(running.log().count(GST_MESSAGE_WARNING), 0U);
}

// Held results are of the area before: an alarm where a mask lies now must not stay.
TEST_F(PatchCoreDetectArea, NoFrameCarriesAResultOfTheAreaBefore) {
  Running running(*bank_ + "region=32,16,64,48 interval=1000");
  EXPECT_EQ(running.pass(inside).verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(running.pass(inside).result, GST_PATCH_CORE_RESULT_HELD);
  running.set("region", "0,0,64,48");
  const GstPatchCoreMeta& changed = running.pass();
  EXPECT_EQ(changed.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(changed.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(inspected(changed), "0,0,64,48");
}

TEST_F(PatchCoreDetectArea, WhatCannotBeUsedChangesNothing) {
  Running running(*bank_ + "region=32,16,64,48");
  running.pass();
  struct Case {
    const char* property;
    const char* value;
    const char* word;
  };
  patchcore::test::write_mask(*folder_ / "black.png", {8, 8}, {0, 0, 8, 8});
  patchcore::test::write_whole_file(*folder_ / "text.png", "no picture");
  const std::string black = *folder_ / "black.png";
  const std::string text = *folder_ / "text.png";
  for (const Case& bad :
       {Case{"region", "32,16,64", "is no region"}, Case{"region", "65,0,64,48", "does not fit"},
        Case{"region", "0.0,0.0,0.1,0.1", "too small"}, Case{"mask", "/missing.png", "no file"},
        Case{"mask", black.c_str(), "black everywhere"}, Case{"mask", text.c_str(), "no PNG"}}) {
    SCOPED_TRACE(bad.value);
    running.log().clear();
    running.set(bad.property, bad.value);
    EXPECT_EQ(inspected(running.pass(outside)), "32,16,64,48");
    ASSERT_EQ(running.log().count(GST_MESSAGE_WARNING), 1U);
    const std::string warning = running.log().complaint(GST_MESSAGE_WARNING).text;
    EXPECT_NE(warning.find(bad.word), std::string::npos) << warning;
    EXPECT_NE(warning.find("stay as they are"), std::string::npos) << warning;
    EXPECT_EQ(running.log().count(GST_MESSAGE_ERROR), 0U);
  }
  // Nor does it stand in the way of what comes next.
  running.log().clear();
  running.set("mask", *mask_);
  EXPECT_EQ(running.pass({34, 38, 6, 6}).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  EXPECT_EQ(running.log().count(GST_MESSAGE_WARNING), 0U);
}

// As an application does that corrects the setting in the handler of the warning.
TEST_F(PatchCoreDetectArea, WhoHearsTheWarningMaySetItAgain) {
  Running running(*bank_);
  running.pass();
  GstBus* bus = gst_bus_new();
  gst_bus_set_sync_handler(
      bus,
      [](GstBus*, GstMessage* message, gpointer element) {
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
          g_object_set(element, "region", "32,16,64,48", nullptr);
        }
        return GST_BUS_PASS;
      },
      running.element(), nullptr);
  gst_element_set_bus(running.element(), bus);
  running.set("region", "32,16,64");
  EXPECT_EQ(inspected(running.pass()), "32,16,64,48");
  gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);
}

TEST_F(PatchCoreDetectArea, AtTheStartItIsAnError) {
  for (const char* properties : {"region=32,16,64", "mask=/missing.png"}) {
    MessageLog log;
    GstElement* element =
        gst_parse_launch(("patchcoredetect " + *bank_ + properties).c_str(), nullptr);
    gst_object_ref_sink(element);
    log.attach(element);
    EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    EXPECT_EQ(log.count(GST_MESSAGE_ERROR), 1U);
    // And can be mended.
    g_object_set(element, "region", "none", "mask", "none", nullptr);
    EXPECT_NE(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    gst_element_set_state(element, GST_STATE_NULL);
    log.detach(element);
    gst_object_unref(element);
  }
}

TEST_F(PatchCoreDetectArea, FractionsFollowTheFramesSize) {
  Running running(*bank_ + "region=0.5,0.0,0.5,0.5");
  EXPECT_EQ(inspected(running.pass()), "64,0,64,48");
  running.set_size({256, 192});
  EXPECT_EQ(inspected(running.pass()), "128,0,128,96");
}

TEST_F(PatchCoreDetectArea, PixelsThatDoNotFitAreAnError) {
  Running running(*bank_ + "region=64,48,64,48");
  EXPECT_EQ(inspected(running.pass()), "64,48,64,48");
  running.set_size({124, 96});
  EXPECT_NE(running.push(), GST_FLOW_OK);
  ASSERT_EQ(running.log().count(GST_MESSAGE_ERROR), 1U);
  const std::string error = running.log().complaint(GST_MESSAGE_ERROR).text;
  EXPECT_NE(error.find("64,48,64,48 does not fit into frames of 124x96"), std::string::npos)
      << error;
}

TEST_F(PatchCoreDetectArea, TheBanksAreUsedWhereNothingElseIsSaid) {
  patchcore::TrainerOptions options =
      patchcore::test::tiny_trainer_options(*folder_ / "resnet18.safetensors");
  options.region = "64,0,64,48";
  options.mask = *mask_;
  patchcore::Trainer trainer(options);
  for (int i = 0; i < 6; ++i) trainer.add(StripedPicture(i, frame_size).view());
  const std::string path = patchcore::test::build_and_wait(trainer, *folder_ / "part").path;
  Running running("mode=every bank=" + path);
  EXPECT_EQ(inspected(running.pass()), "64,0,64,48");
  GstStructure* info = nullptr;
  g_object_get(running.element(), "bank-info", &info, nullptr);
  gboolean mask = FALSE;
  EXPECT_STREQ(gst_structure_get_string(info, "region"), "64,0,64,48");
  EXPECT_TRUE(gst_structure_get_boolean(info, "mask", &mask));
  EXPECT_TRUE(mask);
  gst_structure_free(info);

  running.set("region", "none");
  EXPECT_EQ(inspected(running.pass()), "0,0,128,96");
}

// In mode newest a frame is on its way when they change.
TEST_F(PatchCoreDetectArea, WhatIsOnItsWayIsForgotten) {
  Running running(*bank_ + "mode=newest region=32,16,64,48");
  running.pass(inside);
  running.set("region", "0,0,64,48");
  for (int i = 0; i < 60000; ++i) {
    const GstPatchCoreMeta& meta = running.pass();
    if (meta.result == GST_PATCH_CORE_RESULT_NONE) {
      EXPECT_EQ(meta.reason, GST_PATCH_CORE_REASON_NOT_YET);
      g_usleep(1000);
      continue;
    }
    EXPECT_EQ(inspected(meta), "0,0,64,48");
    EXPECT_EQ(meta.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
    return;
  }
  FAIL() << "no result";
}

}  // namespace
