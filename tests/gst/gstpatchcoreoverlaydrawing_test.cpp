// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a result is drawn once and as it is: nothing stale stays, nothing is drawn in vain,
// and pixels are touched only where they have to be.
#include "gst/gstpatchcoreoverlaydrawing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace {

using patchcore::Detection;
using patchcore::Size;

constexpr Size frame_size = {64, 48};

Detection make_detection() {
  Detection detection;
  detection.score = 3;
  detection.threshold = 2;
  detection.usual_score = 1;
  detection.anomalous = true;
  detection.map = {6, 8, std::vector<float>(48, 0.5F)};
  detection.map.values[2 * 8 + 5] = 3;
  detection.inspected = {0, 0, frame_size.width, frame_size.height};
  detection.input_size = {64, 48};
  return detection;
}

GstVideoInfo make_info() {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, frame_size.width, frame_size.height);
  return info;
}

class PatchCoreOverlayDrawing : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    element_ = gst_object_ref_sink(gst_bin_new(nullptr));
    bus_ = gst_bus_new();
    gst_element_set_bus(GST_ELEMENT(element_), bus_);
  }
  void TearDown() override {
    gst_element_set_bus(GST_ELEMENT(element_), nullptr);
    gst_object_unref(bus_);
    gst_object_unref(element_);
  }

  GstFlowReturn lay_over(GstBuffer* buffer, const GstVideoInfo& info, bool attach) {
    return drawing_.lay_over(GST_ELEMENT(element_), buffer, info, attach, drawn_);
  }

  /// What is attached to a new buffer, to be compared only; null if nothing is.
  const GstVideoOverlayComposition* attached() {
    GstBuffer* buffer = gst_buffer_new();
    EXPECT_EQ(lay_over(buffer, make_info(), true), GST_FLOW_OK);
    EXPECT_FALSE(drawn_);
    GstVideoOverlayCompositionMeta* meta = gst_buffer_get_video_overlay_composition_meta(buffer);
    const GstVideoOverlayComposition* composition = meta != nullptr ? meta->overlay : nullptr;
    gst_buffer_unref(buffer);
    return composition;
  }

  /// The number of what is attached, which no other composition has; 0 if nothing is.
  guint attached_number() {
    const GstVideoOverlayComposition* composition = attached();
    return composition != nullptr ? gst_video_overlay_composition_get_seqnum(
                                        const_cast<GstVideoOverlayComposition*>(composition))
                                  : 0;
  }

  /// A grey frame, after the overlay is blended into it.
  std::vector<guint8> blended() {
    const GstVideoInfo info = make_info();
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
    gst_buffer_memset(buffer, 0, 100, info.size);
    EXPECT_EQ(lay_over(buffer, info, false), GST_FLOW_OK);
    EXPECT_EQ(gst_buffer_get_video_overlay_composition_meta(buffer), nullptr);
    std::vector<guint8> bytes(info.size);
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    gst_buffer_unref(buffer);
    const std::vector<guint8> before(info.size, 100);
    EXPECT_EQ(drawn_ != FALSE, bytes != before);
    return bytes;
  }

  static std::vector<guint8> untouched() { return std::vector<guint8>(make_info().size, 100); }

  gboolean drawn_ = FALSE;  ///< what lay_over() said
  GstPatchCoreOverlayDrawing drawing_;
  GstPatchCoreOverlaySettings settings_;
  gpointer element_ = nullptr;
  GstBus* bus_ = nullptr;
};

TEST_F(PatchCoreOverlayDrawing, NothingIsLaidOverBeforeAnythingIsDrawn) {
  EXPECT_EQ(attached(), nullptr);
  EXPECT_EQ(blended(), untouched());
}

TEST_F(PatchCoreOverlayDrawing, TheSameIsDrawnOnce) {
  drawing_.draw(make_detection(), settings_, frame_size);
  const guint first = attached_number();
  ASSERT_NE(first, 0U);
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_EQ(attached_number(), first);

  Detection without_regions = make_detection();
  without_regions.regions.emplace_back();
  drawing_.draw(without_regions, settings_, frame_size);
  EXPECT_EQ(attached_number(), first) << "regions are not drawn";
}

TEST_F(PatchCoreOverlayDrawing, NumbersThatAreNoneAreDrawnOnce) {
  Detection detection = make_detection();
  detection.score = NAN;
  detection.map.values[0] = NAN;
  drawing_.draw(detection, settings_, frame_size);
  const guint first = attached_number();
  drawing_.draw(detection, settings_, frame_size);
  EXPECT_EQ(attached_number(), first);
}

TEST_F(PatchCoreOverlayDrawing, WhateverIsDrawnOfAResultCounts) {
  const std::vector<std::function<void(Detection&)>> changes = {
      [](Detection& detection) { detection.score = 4; },
      [](Detection& detection) { detection.threshold = 2.5; },
      [](Detection& detection) { detection.usual_score = 1.5; },
      [](Detection& detection) { detection.anomalous = false; },
      [](Detection& detection) { detection.map.values[47] = 0.75F; },
      [](Detection& detection) {
        detection.map.width = 6;
        detection.map.height = 8;
      },
      [](Detection& detection) { detection.inspected.x = 1; },
      [](Detection& detection) { detection.inspected.height -= 1; },
      [](Detection& detection) { detection.input_size.width += 32; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    drawing_.draw(make_detection(), settings_, frame_size);
    const guint before = attached_number();
    Detection changed = make_detection();
    changes[i](changed);
    drawing_.draw(changed, settings_, frame_size);
    EXPECT_NE(attached_number(), before) << "change " << i;
  }
}

TEST_F(PatchCoreOverlayDrawing, SettingsAndFrameSizeCount) {
  drawing_.draw(make_detection(), settings_, frame_size);
  guint before = attached_number();
  settings_.opacity = 0.5;
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_NE(attached_number(), before);

  before = attached_number();
  settings_.overlay = GST_PATCH_CORE_OVERLAY_CONTOUR;
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_NE(attached_number(), before);

  before = attached_number();
  drawing_.draw(make_detection(), settings_, {128, 96});
  EXPECT_NE(attached_number(), before);
}

TEST_F(PatchCoreOverlayDrawing, OverlayNoneDrawsNothing) {
  settings_.overlay = GST_PATCH_CORE_OVERLAY_NONE;
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_EQ(attached(), nullptr);
  EXPECT_EQ(blended(), untouched());
}

TEST_F(PatchCoreOverlayDrawing, WhatIsBlendedIsNotAttached) {
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_NE(blended(), untouched());
}

TEST_F(PatchCoreOverlayDrawing, WhatIsForgottenIsGone) {
  drawing_.draw(make_detection(), settings_, frame_size);
  drawing_.forget();
  EXPECT_EQ(attached(), nullptr);
  EXPECT_EQ(blended(), untouched());
}

// Pixels that do not show need no buffer that could hold them.
TEST_F(PatchCoreOverlayDrawing, OnlyWhatShowsNeedsAFrame) {
  Detection good = make_detection();
  good.map.values.assign(48, 0.5F);
  settings_.overlay = GST_PATCH_CORE_OVERLAY_HEATMAP;
  GstBuffer* buffer = gst_buffer_new();
  drawing_.draw(good, settings_, frame_size);
  EXPECT_EQ(lay_over(buffer, make_info(), false), GST_FLOW_OK);
  EXPECT_FALSE(drawn_);
  drawing_.draw(make_detection(), settings_, frame_size);
  EXPECT_EQ(lay_over(buffer, make_info(), false), GST_FLOW_ERROR);
  EXPECT_FALSE(drawn_);
  GstMessage* message = gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR);
  EXPECT_NE(message, nullptr);
  gst_clear_message(&message);
  gst_buffer_unref(buffer);
}

}  // namespace
