// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects live pipelines: with mode=newest no frame ever waits for inference, results say truly
// which frame they are of, and none crosses a flush, a seek or a change of caps.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/trainer.h"
#include "gst/gstpatchcorescoringlatency.h"
#include "tests/gst/element_harness.h"
#include "tests/gst/video_frames.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::Size;
using patchcore::test::Buffer;
using patchcore::test::ElementHarness;
using patchcore::test::make_frame;
using patchcore::test::make_info;
using patchcore::test::TemporaryFolder;

constexpr Size usual_size = {64, 48};

/// A bank with so large an input that scoring takes many times as long as all else.
std::string write_slow_bank(const std::string& folder) {
  patchcore::TrainerOptions options =
      patchcore::test::tiny_trainer_options(folder + "/resnet18.safetensors");
  options.input_size = "640x640";
  options.coreset.sampler = patchcore::SamplerKind::random;
  options.coreset.max_patches = 100;
  patchcore::Trainer trainer(options);
  trainer.add(patchcore::test::StripedPicture(0).view());
  trainer.add(patchcore::test::StripedPicture(1).view());
  return patchcore::test::build_and_wait(trainer, folder + "/slow.safetensors").path;
}

/// A started detector between two pads, and its bus. The harness says that it is live.
class Running : public ElementHarness {
 public:
  explicit Running(const std::string& properties)
      : ElementHarness("patchcoredetect threads=1 " + properties) {
    set_size(usual_size);
  }

  void set_size(Size size) {
    info_ = make_info(GST_VIDEO_FORMAT_RGB, size);
    set_caps(info_);
  }

  GstFlowReturn push(bool defect) {
    return ElementHarness::push(make_frame(info_, defect, frames_++));
  }

  /// The next frame's metadata, without map and regions, and the frame's time.
  struct Passed {
    GstPatchCoreMeta meta{};
    GstClockTime pts = GST_CLOCK_TIME_NONE;
  };
  Passed pass(bool defect) {
    EXPECT_EQ(push(defect), GST_FLOW_OK);
    const Buffer out = pull();
    EXPECT_NE(out, nullptr);
    if (out == nullptr) return {};
    return {*gst_buffer_get_patch_core_meta(out.get()), GST_BUFFER_PTS(out.get())};
  }

  /// Passes frames until one has a result; that frame.
  Passed pass_until_result(bool defect) {
    for (int i = 0; i < 6000; ++i) {
      const Passed passed = pass(defect);
      if (passed.meta.result != GST_PATCH_CORE_RESULT_NONE) return passed;
      g_usleep(10000);
    }
    ADD_FAILURE() << "no result";
    return {};
  }

  guint64 stat(const char* name) {
    GstStructure* stats = nullptr;
    g_object_get(element(), "stats", &stats, nullptr);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats, name, &value)) << name;
    gst_structure_free(stats);
    return value;
  }

  int posted(GstMessageType type) { return static_cast<int>(log().take(type).size()); }

 private:
  GstVideoInfo info_{};
  guint frames_ = 0;
};

class PatchCoreDetectMode : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    quick_ = new std::string("bank=" + patchcore::test::write_tiny_bank(folder_->path()) + " ");
    slow_ = new std::string("bank=" + write_slow_bank(folder_->path()) + " ");
    Running every(*slow_ + "mode=every");
    every.pass(false);
    inference_ = every.stat("scoring-time");
  }
  static void TearDownTestSuite() {
    delete slow_;
    delete quick_;
    delete folder_;
  }

  static TemporaryFolder* folder_;
  static std::string* quick_;      ///< the property
  static std::string* slow_;       ///< the property
  static GstClockTime inference_;  ///< of one frame with the slow one
};

TemporaryFolder* PatchCoreDetectMode::folder_ = nullptr;
std::string* PatchCoreDetectMode::quick_ = nullptr;
std::string* PatchCoreDetectMode::slow_ = nullptr;
GstClockTime PatchCoreDetectMode::inference_ = 0;

TEST_F(PatchCoreDetectMode, NewestLetsFramesPassDuringInference) {
  Running running(*slow_ + "mode=newest overlay=none");
  running.pass(false);
  const GstClockTime before = gst_util_get_timestamp();
  for (int i = 0; i < 3; ++i) running.pass(false);
  EXPECT_LT(gst_util_get_timestamp() - before, inference_ * 3 / 2);
  EXPECT_GE(running.stat("skipped"), 1U);
}

TEST_F(PatchCoreDetectMode, NewestResultsAreHeldAndOfAFrameThatCameBefore) {
  Running running(*quick_ + "mode=newest");
  EXPECT_EQ(running.pass(true).meta.result, GST_PATCH_CORE_RESULT_NONE);
  GstClockTime last = 0;
  for (int i = 0; i < 50; ++i) {
    const Running::Passed passed = running.pass_until_result(true);
    EXPECT_EQ(passed.meta.result, GST_PATCH_CORE_RESULT_HELD);
    EXPECT_EQ(passed.meta.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
    EXPECT_LT(passed.meta.scored_pts, passed.pts);
    EXPECT_EQ(passed.meta.scored_pts % (GST_SECOND / 25), 0U);
    EXPECT_GE(passed.meta.scored_pts, last);
    last = passed.meta.scored_pts;
    g_usleep(2000);
  }
  EXPECT_GT(last, 0U) << "the result never changed";
}

TEST_F(PatchCoreDetectMode, NewestFollowsThePicture) {
  Running running(*quick_ + "mode=newest");
  EXPECT_EQ(running.pass_until_result(false).meta.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  GstPatchCoreVerdict verdict = GST_PATCH_CORE_VERDICT_NORMAL;
  for (int i = 0; i < 6000 && verdict != GST_PATCH_CORE_VERDICT_ANOMALOUS; ++i) {
    verdict = running.pass(true).meta.verdict;
    g_usleep(1000);
  }
  EXPECT_EQ(verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
}

TEST_F(PatchCoreDetectMode, EachResultIsPostedOnce) {
  Running running(*quick_ + "mode=newest threshold=0");
  for (int i = 0; i < 200; ++i) {
    running.pass(false);
    if (i % 3 == 0) g_usleep(3000);
  }
  EXPECT_EQ(static_cast<guint64>(running.posted(GST_MESSAGE_ELEMENT)), running.stat("scored"));
  EXPECT_GT(running.stat("scored"), 1U);
}

TEST_F(PatchCoreDetectMode, CountsAddUp) {
  Running running(*quick_ + "mode=newest interval=2");
  for (int i = 0; i < 100; ++i) running.pass(false);
  running.flush();
  EXPECT_EQ(running.stat("held") + running.stat("uninspected"), 100U);
  EXPECT_EQ(running.stat("scored") + running.stat("skipped"), 50U);
}

TEST_F(PatchCoreDetectMode, AFlushDuringInferenceDropsItsResult) {
  Running running(*slow_ + "mode=newest");
  running.pass(true);
  running.pass(true);
  const GstClockTime before = gst_util_get_timestamp();
  running.flush();
  EXPECT_LT(gst_util_get_timestamp() - before, inference_ / 2) << "waits for inference";
  EXPECT_EQ(running.stat("skipped") + running.stat("scored"), 2U);
  const Running::Passed passed = running.pass_until_result(true);
  EXPECT_GE(passed.meta.scored_pts, 2 * GST_SECOND / 25);
}

TEST_F(PatchCoreDetectMode, ChangedCapsDuringInferenceDropItsResult) {
  Running running(*slow_ + "mode=newest");
  running.pass(true);
  running.set_size({128, 96});
  const Running::Passed passed = running.pass_until_result(true);
  EXPECT_EQ(passed.meta.inspected_width, 128);
  EXPECT_GE(passed.meta.scored_pts, GST_SECOND / 25);
}

TEST_F(PatchCoreDetectMode, TheEndWaitsForNothing) {
  Running running(*slow_ + "mode=newest");
  running.pass(true);
  const GstClockTime before = gst_util_get_timestamp();
  EXPECT_TRUE(gst_harness_push_event(running.harness(), gst_event_new_eos()));
  EXPECT_LT(gst_util_get_timestamp() - before, inference_ / 2);
}

// Though no frame carries it any more.
TEST_F(PatchCoreDetectMode, TheEndTellsOfWhatIsReady) {
  bool told = false;
  // How long scoring takes here is not known; patience tells a slow machine from a lost result.
  for (gulong wait = 50000; !told && wait < 30 * G_USEC_PER_SEC; wait *= 4) {
    Running running(*quick_ + "mode=newest post-messages=all");
    EXPECT_EQ(running.pass(true).meta.result, GST_PATCH_CORE_RESULT_NONE);
    g_usleep(wait);
    running.posted(GST_MESSAGE_ELEMENT);
    gst_harness_push_event(running.harness(), gst_event_new_eos());
    const auto messages = running.log().take(GST_MESSAGE_ELEMENT);
    if (messages.empty()) continue;
    told = true;
    const GstStructure* result = gst_message_get_structure(messages.front().get());
    EXPECT_STREQ(gst_structure_get_name(result), "patchcore-result");
    guint64 scored_pts = 1;
    EXPECT_TRUE(gst_structure_get_uint64(result, "scored-pts", &scored_pts));
    EXPECT_EQ(scored_pts, 0U);
    EXPECT_EQ(running.stat("scored"), 1U);
    EXPECT_EQ(running.stat("anomalous"), 1U);
  }
  EXPECT_TRUE(told);
}

TEST_F(PatchCoreDetectMode, SurvivesStateChangesDuringInference) {
  for (int i = 0; i < 50; ++i) {
    Running running(*quick_ + "mode=newest");
    for (int frame = 0; frame < i % 4; ++frame) running.pass(true);
    EXPECT_EQ(gst_element_set_state(running.element(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(running.posted(GST_MESSAGE_ERROR), 0);
  }
}

TEST_F(PatchCoreDetectMode, AutoIsNewestWhereUpstreamIsLive) {
  Running running(*quick_);
  EXPECT_EQ(running.pass(true).meta.result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(running.pass_until_result(true).meta.result, GST_PATCH_CORE_RESULT_HELD);
}

/// Runs to the end; the number of frames that were scored.
guint64 scored_in_pipeline(const std::string& source, const std::string& properties,
                           guint64* all = nullptr) {
  GstElement* pipeline = gst_parse_launch(
      (source +
       " ! video/x-raw,format=RGB,width=64,height=48,framerate=60/1 ! patchcoredetect "
       "name=detect threads=1 " +
       properties + " ! fakesink sync=true")
          .c_str(),
      nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  EXPECT_TRUE(message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS);
  gst_clear_message(&message);
  gst_object_unref(bus);
  GstElement* detect = gst_bin_get_by_name(GST_BIN(pipeline), "detect");
  GstStructure* stats = nullptr;
  g_object_get(detect, "stats", &stats, nullptr);
  guint64 scored = 0, held = 0, uninspected = 0;
  gst_structure_get(stats, "scored", G_TYPE_UINT64, &scored, "held", G_TYPE_UINT64, &held,
                    "uninspected", G_TYPE_UINT64, &uninspected, nullptr);
  if (all != nullptr) *all = held + uninspected;
  gst_structure_free(stats);
  gst_object_unref(detect);
  EXPECT_EQ(gst_element_set_state(pipeline, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_object_unref(pipeline);
  return scored;
}

TEST_F(PatchCoreDetectMode, AutoScoresEveryFrameOfAFile) {
  EXPECT_EQ(scored_in_pipeline("videotestsrc num-buffers=5", *quick_), 5U);
}

TEST_F(PatchCoreDetectMode, ALiveSourceIsNotHeldUp) {
  guint64 frames = 0;
  const guint64 scored =
      scored_in_pipeline("videotestsrc is-live=true num-buffers=120", *slow_, &frames);
  EXPECT_EQ(frames, 120U);
  EXPECT_GT(scored, 0U);
  EXPECT_LT(scored, 120U);
}

TEST_F(PatchCoreDetectMode, OnlyEveryAddsLatency) {
  {
    Running every(*slow_ + "mode=every");
    const GstClockTime before = gst_harness_query_latency(every.harness());
    every.pass(false);
    EXPECT_GE(every.posted(GST_MESSAGE_LATENCY), 1);
    EXPECT_GE(gst_harness_query_latency(every.harness()), before + every.stat("scoring-time"));
  }
  Running newest(*slow_ + "mode=newest");
  const GstClockTime before = gst_harness_query_latency(newest.harness());
  newest.posted(GST_MESSAGE_LATENCY);
  newest.pass_until_result(false);
  EXPECT_EQ(newest.posted(GST_MESSAGE_LATENCY), 0);
  EXPECT_EQ(gst_harness_query_latency(newest.harness()), before);
}

TEST_F(PatchCoreDetectMode, LateFramesPassWithTheHeldResultIfQosIsWanted) {
  for (const char* mode : {"every", "newest"}) {
    Running running(*quick_ + "qos=true mode=" + mode);
    const Running::Passed scored = running.pass_until_result(false);
    running.log().clear();
    const GstClockTime now = scored.pts + GST_SECOND / 25;
    EXPECT_TRUE(gst_harness_push_upstream_event(
        running.harness(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.5, GST_SECOND / 25, now)));
    const Running::Passed late = running.pass(true);
    EXPECT_EQ(late.pts, now);
    EXPECT_EQ(late.meta.result, GST_PATCH_CORE_RESULT_HELD);
    EXPECT_EQ(late.meta.reason, GST_PATCH_CORE_REASON_LATE);
    EXPECT_LT(late.meta.scored_pts, now);
    EXPECT_EQ(running.stat("late"), 1U);
    EXPECT_EQ(running.posted(GST_MESSAGE_QOS), 1);
    EXPECT_NE(running.pass(true).meta.reason, GST_PATCH_CORE_REASON_LATE);
    EXPECT_EQ(running.stat("late"), 1U);
    running.flush();
    EXPECT_EQ(running.posted(GST_MESSAGE_QOS), 0);
  }
}

TEST_F(PatchCoreDetectMode, LateFramesAreScoredUnlessQosIsWanted) {
  Running running(*quick_ + "mode=every");
  gst_harness_push_upstream_event(
      running.harness(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.5, GST_SECOND, GST_SECOND));
  EXPECT_EQ(running.pass(true).meta.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(running.posted(GST_MESSAGE_QOS), 0);
  g_object_set(running.element(), "qos", TRUE, nullptr);
  EXPECT_EQ(running.pass(true).meta.reason, GST_PATCH_CORE_REASON_LATE);
}

TEST(PatchCoreScoringLatency, GrowsInWholeMillisecondsAndNotForLittle) {
  GstPatchCoreScoringLatency latency;
  EXPECT_EQ(latency.reported(), 0U);
  EXPECT_TRUE(latency.add(9 * GST_MSECOND + 1));
  EXPECT_EQ(latency.reported(), 10 * GST_MSECOND);
  EXPECT_FALSE(latency.add(12 * GST_MSECOND));
  EXPECT_FALSE(latency.add(1));
  EXPECT_EQ(latency.reported(), 10 * GST_MSECOND);
  EXPECT_TRUE(latency.add(12 * GST_MSECOND + 1));
  EXPECT_EQ(latency.reported(), 13 * GST_MSECOND);
}

TEST(PatchCoreScoringLatency, ShrinksWhenAWholeWindowTookLess) {
  GstPatchCoreScoringLatency latency;
  latency.add(500 * GST_MSECOND);  // the first frame
  for (guint i = 1; i < GstPatchCoreScoringLatency::window; ++i) {
    EXPECT_FALSE(latency.add(30 * GST_MSECOND));
  }
  EXPECT_TRUE(latency.add(31 * GST_MSECOND));
  EXPECT_EQ(latency.reported(), 31 * GST_MSECOND);
}

TEST(PatchCoreScoringLatency, KeepsTheLargestOfAWindowAndDoesNotShrinkForLittle) {
  GstPatchCoreScoringLatency latency;
  latency.add(100 * GST_MSECOND);
  for (guint i = 0; i < 3 * GstPatchCoreScoringLatency::window; ++i) {
    const bool longest = i % GstPatchCoreScoringLatency::window == 50;
    EXPECT_FALSE(latency.add((longest ? 90 : 10) * GST_MSECOND));
  }
  EXPECT_EQ(latency.reported(), 100 * GST_MSECOND);
}

}  // namespace
