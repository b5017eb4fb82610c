// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that the element writes one line for every buffer and hands the buffers on untouched,
// that a full disk loses results and nothing else, and that whatever else keeps it from writing
// stops the pipeline with words that help.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/gst/message_log.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace {

using Json = nlohmann::json;
using patchcore::test::Complaint;
using patchcore::test::FileSizeLimit;
using patchcore::test::MessageLog;
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

struct UnrefElement {
  void operator()(GstElement* element) const { gst_object_unref(element); }
};
using Element = std::unique_ptr<GstElement, UnrefElement>;

/// A count of the property stats.
guint64 stat(GstElement* element, const char* field) {
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  guint64 value = G_MAXUINT64;
  EXPECT_TRUE(gst_structure_get_uint64(stats, field, &value)) << field;
  gst_structure_free(stats);
  return value;
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

TEST_F(PatchCorePublish, AFullDiskStopsNothing) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  const Harness harness = make_harness("location=/dev/full");
  const Element element(gst_harness_find_element(harness.get(), "patchcorepublish"));
  MessageLog log;
  log.attach(element.get());
  for (int i = 0; i < 100; ++i) push_through(harness.get(), make_scored_buffer(i, 1));
  EXPECT_EQ(log.count(GST_MESSAGE_WARNING), 1U);
  EXPECT_EQ(log.count(GST_MESSAGE_ERROR), 0U);
  const Complaint warning = log.complaint(GST_MESSAGE_WARNING);
  EXPECT_EQ(warning.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(warning.code, GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  EXPECT_NE(warning.text.find("/dev/full"), std::string::npos) << warning.text;
  EXPECT_EQ(stat(element.get(), "lost"), 100U);
  EXPECT_EQ(stat(element.get(), "written"), 0U);
  EXPECT_EQ(log.count(GST_MESSAGE_INFO), 0U);
  gst_harness_push_event(harness.get(), gst_event_new_eos());
  EXPECT_EQ(log.count(GST_MESSAGE_INFO), 1U);  // how many were lost
  gst_element_set_bus(element.get(), nullptr);
}

TEST_F(PatchCorePublish, WarnsOnceOfBuffersWithoutResults) {
  const Harness harness = make_harness("location=" + folder_ / "out.jsonl");
  const Element element(gst_harness_find_element(harness.get(), "patchcorepublish"));
  MessageLog log;
  log.attach(element.get());
  push_through(harness.get(), make_scored_buffer(0, 1));
  EXPECT_EQ(log.count(GST_MESSAGE_WARNING), 0U);
  for (int i = 1; i < 4; ++i) push_through(harness.get(), make_buffer(i));
  EXPECT_EQ(log.count(GST_MESSAGE_WARNING), 1U);
  const std::string text = log.complaint(GST_MESSAGE_WARNING).text;
  EXPECT_NE(text.find("patchcoredetect"), std::string::npos) << text;
  EXPECT_EQ(stat(element.get(), "written"), 4U);
  gst_element_set_bus(element.get(), nullptr);
}

TEST_F(PatchCorePublish, WritingGoesOnWhenThereIsRoomAndEachTimeIsSaid) {
  const Harness harness = make_harness("location=" + folder_ / "out.jsonl");
  const Element element(gst_harness_find_element(harness.get(), "patchcorepublish"));
  MessageLog log;
  log.attach(element.get());
  push_through(harness.get(), make_scored_buffer(0, 1));
  for (std::size_t times = 1; times <= 2; ++times) {
    {
      const FileSizeLimit limit(read_whole_file(folder_ / "out.jsonl").size() + 10);
      for (int i = 0; i < 3; ++i) push_through(harness.get(), make_scored_buffer(0, 1));
    }
    EXPECT_EQ(log.count(GST_MESSAGE_WARNING), times);
    EXPECT_EQ(log.count(GST_MESSAGE_INFO), times - 1);
    push_through(harness.get(), make_scored_buffer(0, 1));
    EXPECT_EQ(log.count(GST_MESSAGE_INFO), times);
  }
  EXPECT_EQ(stat(element.get(), "lost"), 6U);
  EXPECT_EQ(stat(element.get(), "written"), 3U);
  // The numbers show where results are missing, and no line is torn.
  const std::vector<Json> lines = lines_of(folder_ / "out.jsonl");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1]["frame"], 4);
  EXPECT_EQ(lines[2]["frame"], 8);
  gst_element_set_bus(element.get(), nullptr);
}

TEST_F(PatchCorePublish, OtherErrorsStopThePipelineAndAreNamed) {
  const std::string out = folder_ / "out.jsonl";
  ASSERT_EQ(mkdir((out + ".1").c_str(), 0700), 0);
  const BusError error =
      run_until_error("videotestsrc num-buffers=100 ! patchcorepublish location=" + out +
                      " max-size=10 max-files=2 ! fakesink");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_WRITE);
  EXPECT_NE(error.text.find(out), std::string::npos) << error.text;
}

TEST_F(PatchCorePublish, FilesAreNumberedAndNoLineIsSplit) {
  const std::string out = folder_ / "out.jsonl";
  const Harness harness = make_harness("max-size=1000 max-files=3 location=" + out);
  for (int i = 0; i < 100; ++i) push_through(harness.get(), make_scored_buffer(i, 0.1 * i));
  EXPECT_NE(access((out + ".3").c_str(), F_OK), 0);
  int expected = 99;
  for (const std::string& name : {out, out + ".1", out + ".2"}) {
    EXPECT_LE(read_whole_file(name).size(), 1000U);
    const std::vector<Json> lines = lines_of(name);
    EXPECT_GE(lines.size(), 1U);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      EXPECT_EQ((*line)["frame"], expected--) << name;
    }
  }
  const Element element(gst_harness_find_element(harness.get(), "patchcorepublish"));
  EXPECT_GT(stat(element.get(), "rotations"), 10U);
}

TEST_F(PatchCorePublish, AppendingKeepsTheResultsBefore) {
  for (const GstClockTime pts : {40, 80}) {
    const Harness harness = make_harness("append=true location=" + folder_ / "out.jsonl");
    push_through(harness.get(), make_buffer(pts));
  }
  const std::vector<Json> lines = lines_of(folder_ / "out.jsonl");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["pts"], 40);
  EXPECT_EQ(lines[1]["pts"], 80);
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
  gboolean append = TRUE;
  guint64 max_size = 1;
  guint max_files = 0;
  g_object_get(element, "location", &location, "include-map", &include_map, "append", &append,
               "max-size", &max_size, "max-files", &max_files, nullptr);
  EXPECT_EQ(location, nullptr);
  EXPECT_FALSE(include_map);
  EXPECT_FALSE(append);
  EXPECT_EQ(max_size, 0U);
  EXPECT_EQ(max_files, 10U);
  g_object_set(element, "append", TRUE, "max-size", G_GUINT64_CONSTANT(1) << 40, "max-files", 7,
               nullptr);
  g_object_get(element, "append", &append, "max-size", &max_size, "max-files", &max_files, nullptr);
  EXPECT_TRUE(append);
  EXPECT_EQ(max_size, G_GUINT64_CONSTANT(1) << 40);
  EXPECT_EQ(max_files, 7U);
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
