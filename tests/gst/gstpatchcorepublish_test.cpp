// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that the element writes one line for every buffer and hands the buffers on untouched,
// and that whatever keeps it from writing stops the pipeline with words that help.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace {

using Json = nlohmann::json;
using patchcore::test::read_whole_file;
using patchcore::test::TemporaryFolder;

/// Each line of a file; fails if the last one is incomplete.
std::vector<Json> lines_of(const std::string& path) {
  const std::string text = read_whole_file(path);
  EXPECT_TRUE(text.empty() || text.back() == '\n');
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

struct TearDownHarness {
  void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, TearDownHarness>;

Harness make_harness(const std::string& properties) {
  Harness harness(gst_harness_new_parse(("patchcorepublish " + properties).c_str()));
  gst_harness_set_src_caps_str(harness.get(), "video/x-raw,format=GRAY8,width=8,height=8");
  return harness;
}

GstBuffer* make_buffer(GstClockTime pts) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64, nullptr);
  GST_BUFFER_PTS(buffer) = pts;
  return buffer;
}

GstBuffer* make_scored_buffer(GstClockTime pts, double score) {
  GstBuffer* buffer = make_buffer(pts);
  GstPatchCoreMeta* meta = gst_buffer_add_patch_core_meta(buffer);
  meta->result = GST_PATCH_CORE_RESULT_FRESH;
  meta->verdict = GST_PATCH_CORE_VERDICT_NORMAL;
  meta->score = score;
  meta->scored_pts = pts;
  const gfloat map[] = {0.25F, 0.5F};
  gst_patch_core_meta_set_map(meta, map, 2, 1);
  return buffer;
}

/// Pushes @p buffer through and expects it to come out as it is, without a copy.
void push_through(GstHarness* harness, GstBuffer* buffer) {
  ASSERT_EQ(gst_harness_push(harness, buffer), GST_FLOW_OK);
  GstBuffer* out = gst_harness_pull(harness);
  EXPECT_EQ(out, buffer);
  gst_buffer_unref(out);
}

struct BusError {
  GQuark domain = 0;
  int code = 0;
  std::string text;
};

/// The first error of a pipeline; domain 0 if it ends without one.
BusError run_until_error(const std::string& text) {
  GstElement* pipeline = gst_parse_launch(text.c_str(), nullptr);
  EXPECT_NE(pipeline, nullptr) << text;
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  BusError result;
  if (message == nullptr) {
    ADD_FAILURE() << "neither an error nor the end: " << text;
  } else {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      result = {error->domain, error->code, error->message};
      g_error_free(error);
    }
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  return result;
}

class PatchCorePublish : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }

  TemporaryFolder folder_;
};

TEST_F(PatchCorePublish, OneLineForEveryBufferBeforeItGoesOn) {
  const Harness harness = make_harness("location=" + folder_ / "out.jsonl");
  push_through(harness.get(), make_scored_buffer(40, 1.5));
  const std::vector<Json> first = lines_of(folder_ / "out.jsonl");
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0]["frame"], 0);
  EXPECT_EQ(first[0]["pts"], 40);
  EXPECT_EQ(first[0]["result"], "fresh");
  EXPECT_EQ(first[0]["score"], 1.5);

  push_through(harness.get(), make_buffer(80));
  push_through(harness.get(), make_scored_buffer(GST_CLOCK_TIME_NONE, 2.5));
  const std::vector<Json> all = lines_of(folder_ / "out.jsonl");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1]["frame"], 1);
  EXPECT_EQ(all[1]["result"], "none");
  EXPECT_EQ(all[2]["frame"], 2);
  EXPECT_TRUE(all[2]["pts"].is_null());
}

TEST_F(PatchCorePublish, BuffersThatOthersHoldPassToo) {
  const Harness harness = make_harness("location=" + folder_ / "out.jsonl");
  GstBuffer* buffer = make_scored_buffer(0, 1);
  gst_buffer_ref(buffer);
  push_through(harness.get(), buffer);
  gst_buffer_unref(buffer);
  EXPECT_EQ(lines_of(folder_ / "out.jsonl").size(), 1U);
}

TEST_F(PatchCorePublish, MapValuesOnlyWhenWanted) {
  {
    const Harness harness = make_harness("location=" + folder_ / "without.jsonl");
    push_through(harness.get(), make_scored_buffer(0, 1));
  }
  {
    const Harness harness = make_harness("include-map=true location=" + folder_ / "with.jsonl");
    push_through(harness.get(), make_scored_buffer(0, 1));
  }
  EXPECT_EQ(lines_of(folder_ / "without.jsonl")[0]["map"], Json({{"width", 2}, {"height", 1}}));
  EXPECT_EQ(lines_of(folder_ / "with.jsonl")[0]["map"]["values"], Json({0.25, 0.5}));
}

TEST_F(PatchCorePublish, ARestartBeginsANewFileAndKeepsTheProperties) {
  const Harness harness = make_harness("location=" + folder_ / "out.jsonl");
  push_through(harness.get(), make_buffer(0));
  push_through(harness.get(), make_buffer(40));
  GstElement* element = gst_harness_find_element(harness.get(), "patchcorepublish");
  gst_element_set_state(element, GST_STATE_NULL);
  EXPECT_EQ(lines_of(folder_ / "out.jsonl").size(), 2U);
  gst_object_unref(element);

  gst_harness_play(harness.get());
  gst_harness_set_src_caps_str(harness.get(), "video/x-raw,format=GRAY8,width=8,height=8");
  push_through(harness.get(), make_buffer(80));
  const std::vector<Json> lines = lines_of(folder_ / "out.jsonl");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["frame"], 0);
  EXPECT_EQ(lines[0]["pts"], 80);
}

TEST_F(PatchCorePublish, AnyCapsPass) {
  const std::string out = folder_ / "out.jsonl";
  EXPECT_EQ(run_until_error("audiotestsrc num-buffers=2 ! patchcorepublish location=" + out +
                            " ! fakesink")
                .domain,
            0U);
  EXPECT_EQ(lines_of(out).size(), 2U);
}

TEST_F(PatchCorePublish, WithoutLocationItDoesNotStart) {
  const BusError error =
      run_until_error("videotestsrc num-buffers=1 ! patchcorepublish ! fakesink");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_NE(error.text.find("\"location\""), std::string::npos) << error.text;
}

TEST_F(PatchCorePublish, EmptyLocationIsNone) {
  const BusError error =
      run_until_error("videotestsrc num-buffers=1 ! patchcorepublish location=\"\" ! fakesink");
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NOT_FOUND);
}

TEST_F(PatchCorePublish, ALocationThatCannotBeWrittenIsNamed) {
  const std::string out = folder_ / "nowhere/100%s.jsonl";
  const BusError error = run_until_error(
      "videotestsrc num-buffers=1 ! patchcorepublish location=" + out + " ! fakesink");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_OPEN_WRITE);
  EXPECT_NE(error.text.find(out), std::string::npos) << error.text;
  EXPECT_NE(error.text.find("No such file"), std::string::npos) << error.text;
}

TEST_F(PatchCorePublish, AFullDiskStopsThePipelineAndSaysSo) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  const BusError error = run_until_error(
      "videotestsrc num-buffers=100 ! patchcorepublish location=/dev/full ! fakesink");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  EXPECT_NE(error.text.find("/dev/full"), std::string::npos) << error.text;
}

// A location that failed must not stay in the way of the next one.
TEST_F(PatchCorePublish, AfterAFailedStartAnotherLocationWorks) {
  GstElement* element = gst_element_factory_make("patchcorepublish", nullptr);
  ASSERT_NE(element, nullptr);
  gst_object_ref_sink(element);
  g_object_set(element, "location", (folder_ / "nowhere/out").c_str(), nullptr);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  gst_element_set_state(element, GST_STATE_NULL);
  g_object_set(element, "location", (folder_ / "out").c_str(), nullptr);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
}

TEST_F(PatchCorePublish, PropertiesReadBack) {
  GstElement* element = gst_element_factory_make("patchcorepublish", nullptr);
  ASSERT_NE(element, nullptr);
  gst_object_ref_sink(element);
  gchar* location = nullptr;
  gboolean include_map = TRUE;
  g_object_get(element, "location", &location, "include-map", &include_map, nullptr);
  EXPECT_EQ(location, nullptr);
  EXPECT_FALSE(include_map);
  g_object_set(element, "location", "-", "include-map", TRUE, nullptr);
  g_object_get(element, "location", &location, "include-map", &include_map, nullptr);
  EXPECT_STREQ(location, "-");
  EXPECT_TRUE(include_map);
  g_free(location);
  g_object_set(element, "location", nullptr, nullptr);
  g_object_get(element, "location", &location, nullptr);
  EXPECT_EQ(location, nullptr);
  gst_object_unref(element);
}

}  // namespace
