// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what applications ask of properties: when they may be set, and which can be controlled.
#include "gst/gstpatchcoredetectproperties.h"

#include <gst/check/gstharness.h>
#include <gst/controller/controller.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/gst/video_frames.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::test::Buffer;
using patchcore::test::bytes_of;
using patchcore::test::make_frame;
using patchcore::test::make_info;

class PatchCoreDetectProperties : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }
};

/// A started detector whose property follows a line through points of time and value.
class Controlled {
 public:
  Controlled(const std::string& bank, const char* property,
             const std::vector<std::pair<GstClockTime, double>>& points,
             const std::string& properties) {
    element_ = gst_parse_launch(
        ("patchcoredetect threads=1 mode=every bank=" + bank + " " + properties).c_str(), nullptr);
    gst_object_ref_sink(element_);
    GstControlSource* source = gst_interpolation_control_source_new();
    g_object_set(source, "mode", GST_INTERPOLATION_MODE_LINEAR, nullptr);
    for (const auto& [time, value] : points) {
      gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), time, value);
    }
    EXPECT_TRUE(gst_object_add_control_binding(
        GST_OBJECT(element_),
        gst_direct_control_binding_new_absolute(GST_OBJECT(element_), property, source)));
    gst_object_unref(source);
    harness_ = gst_harness_new_with_element(element_, "sink", "src");
    gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info_));
  }
  ~Controlled() {
    gst_harness_teardown(harness_);
    gst_object_unref(element_);
  }
  Controlled(const Controlled&) = delete;
  Controlled& operator=(const Controlled&) = delete;

  /// The frame that belongs to this number, with a defect.
  Buffer pass(guint number) {
    return Buffer(gst_harness_push_and_pull(harness_, make_frame(info_, true, number).release()));
  }

  template <typename Value>
  Value get(const char* property) {
    Value value{};
    g_object_get(element_, property, &value, nullptr);
    return value;
  }

 private:
  GstElement* element_ = nullptr;
  GstHarness* harness_ = nullptr;
  GstVideoInfo info_ = make_info(GST_VIDEO_FORMAT_RGB, {64, 48});
};

constexpr GstClockTime second = GST_SECOND;  // 25 frames

class PatchCoreDetectControl : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new patchcore::test::TemporaryFolder();
    bank_ = new std::string(patchcore::test::write_tiny_bank(folder_->path()));
  }
  static void TearDownTestSuite() {
    delete bank_;
    delete folder_;
  }

  static patchcore::test::TemporaryFolder* folder_;
  static std::string* bank_;
};

patchcore::test::TemporaryFolder* PatchCoreDetectControl::folder_ = nullptr;
std::string* PatchCoreDetectControl::bank_ = nullptr;

TEST_F(PatchCoreDetectProperties, SayWhenTheyMayBeSet) {
  enum class When { at_start, playing, controlled };
  const std::map<std::string, When> expected = {
      {"bank", When::playing},
      {"watch-bank", When::playing},
      {"weights", When::playing},
      {"allow-torchscript", When::playing},
      {"region", When::playing},
      {"mask", When::playing},
      {"region-from-meta", When::at_start},
      {"threshold", When::controlled},
      {"overlay", When::controlled},
      {"overlay-opacity", When::controlled},
      {"mode", When::at_start},
      {"interval", When::controlled},
      {"min-region-area", When::controlled},
      {"post-messages", When::controlled},
      {"stats-interval", When::playing},
      {"qos", When::controlled},
      {"threads", When::at_start},
      {"engine-threads", When::at_start},
      {"batch-size", When::at_start},
      {"batch-timeout", When::at_start},
      {"index", When::playing},
      {"precision", When::playing},
      {"device", When::playing},
  };
  GstElement* element = gst_element_factory_make("patchcoredetect", nullptr);
  gst_object_ref_sink(element);
  for (const auto& [name, when] : expected) {
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str());
    ASSERT_NE(spec, nullptr) << name;
    const bool at_start = (spec->flags & GST_PARAM_MUTABLE_READY) != 0;
    const bool playing = (spec->flags & GST_PARAM_MUTABLE_PLAYING) != 0;
    const bool controlled = (spec->flags & GST_PARAM_CONTROLLABLE) != 0;
    EXPECT_EQ(at_start, when == When::at_start) << name;
    EXPECT_EQ(playing, when != When::at_start) << name;
    EXPECT_EQ(controlled, when == When::controlled) << name;
    const std::string blurb = g_param_spec_get_blurb(spec);
    EXPECT_EQ(blurb.find("read at start") != std::string::npos, at_start) << name;
  }
  gst_object_unref(element);
}

TEST_F(PatchCoreDetectControl, TheThreshold) {
  Controlled controlled(*bank_, "threshold", {{0, 10}, {second, 20}}, "");
  for (const guint number : {0U, 5U, 20U, 25U, 30U}) {
    const Buffer out = controlled.pass(number);
    ASSERT_NE(out, nullptr);
    const double expected = 10 + 10 * std::min(number, 25U) / 25.0;
    EXPECT_NEAR(gst_buffer_get_patch_core_meta(out.get())->threshold, expected, 1e-6) << number;
  }
}

TEST_F(PatchCoreDetectControl, TheInterval) {
  Controlled controlled(*bank_, "interval", {{0, 1}, {second, 1}, {second + 1, 3}, {2 * second, 3}},
                        "");
  std::string results;
  for (guint number = 22; number < 34; ++number) {
    const Buffer out = controlled.pass(number);
    ASSERT_NE(out, nullptr);
    const bool fresh =
        gst_buffer_get_patch_core_meta(out.get())->result == GST_PATCH_CORE_RESULT_FRESH;
    results += fresh ? 's' : '-';
  }
  EXPECT_EQ(results, "ssss--s--s--");
}

TEST_F(PatchCoreDetectControl, TheSmallestRegion) {
  Controlled controlled(*bank_, "min-region-area", {{0, 0}, {second, 1e6}}, "");
  const Buffer all = controlled.pass(0);
  EXPECT_GT(gst_buffer_get_patch_core_meta(all.get())->n_regions, 0U);
  const Buffer none = controlled.pass(20);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(none.get())->n_regions, 0U);
}

TEST_F(PatchCoreDetectControl, TheOpacity) {
  Controlled controlled(*bank_, "overlay-opacity", {{0, 0}, {second, 1}}, "overlay=heatmap");
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, {64, 48});
  const auto change = [&](guint number) {
    const auto before = bytes_of(make_frame(info, true, number).get());
    const auto after = bytes_of(controlled.pass(number).get());
    int sum = 0;
    for (std::size_t i = 0; i < before.size(); ++i) sum += std::abs(before[i] - after[i]);
    return sum;
  };
  EXPECT_EQ(change(0), 0);
  const int half = change(12);
  const int full = change(25);
  EXPECT_GT(half, 0);
  EXPECT_GT(full, half * 3 / 2);
}

TEST_F(PatchCoreDetectControl, WhichMessagesArePosted) {
  Controlled controlled(
      *bank_, "post-messages",
      {{0, GST_PATCH_CORE_POST_MESSAGES_NONE}, {second, GST_PATCH_CORE_POST_MESSAGES_ALL}}, "");
  controlled.pass(0);
  EXPECT_EQ(controlled.get<gint>("post-messages"), GST_PATCH_CORE_POST_MESSAGES_NONE);
  controlled.pass(25);
  EXPECT_EQ(controlled.get<gint>("post-messages"), GST_PATCH_CORE_POST_MESSAGES_ALL);
}

// A controller that reached them would load a bank with every frame.
TEST_F(PatchCoreDetectControl, NotWhatIsReadWhenABankIsLoaded) {
  GstElement* element = gst_element_factory_make("patchcoredetect", nullptr);
  gst_object_ref_sink(element);
  GstControlSource* source = gst_interpolation_control_source_new();
  for (const char* property : {"index", "precision", "threads", "mode"}) {
    GstControlBinding* binding =
        gst_direct_control_binding_new(GST_OBJECT(element), property, source);
    gst_object_ref_sink(binding);
    EXPECT_FALSE(gst_object_add_control_binding(GST_OBJECT(element), binding)) << property;
    gst_object_unref(binding);
  }
  gst_object_unref(source);
  gst_object_unref(element);
}

}  // namespace
