// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what pipelines rely on: every buffer passes with an honest result, pixels change only
// where and when something is drawn, and what is wrong stops the pipeline with words that help.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gst/gstpatchcoreproperties.h"
#include "tests/gst/element_harness.h"
#include "tests/gst/video_frames.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::Size;
using patchcore::test::all_formats;
using patchcore::test::Buffer;
using patchcore::test::Bytes;
using patchcore::test::bytes_of;
using patchcore::test::ElementHarness;
using patchcore::test::make_frame;
using patchcore::test::make_info;
using patchcore::test::read_whole_file;
using patchcore::test::TemporaryFolder;
using patchcore::test::write_whole_file;

constexpr Size usual_size = {64, 48};

/// A started detector between two pads, and its bus.
class Running : public ElementHarness {
 public:
  /// @param properties  as on a command line
  Running(const std::string& bank, const std::string& properties,
          const GstVideoInfo& info = make_info(GST_VIDEO_FORMAT_RGB, usual_size),
          const char* sink_caps = nullptr, GType allocation_meta = 0)
      : ElementHarness("patchcoredetect threads=1 mode=every bank=" + bank + " " + properties),
        info_(info) {
    if (sink_caps != nullptr) gst_harness_set_sink_caps_str(harness(), sink_caps);
    if (allocation_meta != 0) {
      gst_harness_add_propose_allocation_meta(harness(), allocation_meta, nullptr);
    }
    set_caps(info);
  }

  void set_caps(const GstVideoInfo& info, const char* feature = nullptr) {
    info_ = info;
    GstCaps* caps = gst_video_info_to_caps(&info_);
    if (feature != nullptr) {
      gst_caps_set_features(
          caps, 0, gst_caps_features_new(GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY, feature, nullptr));
    }
    gst_harness_set_src_caps(harness(), caps);
  }

  /// Null, with a failure, if it does not pass.
  Buffer pass(Buffer buffer) {
    EXPECT_EQ(push(std::move(buffer)), GST_FLOW_OK);
    return pull();
  }

  /// The next frame, good or with a defect.
  Buffer pass(bool defect) { return pass(make_frame(info_, defect, frames_++)); }

  /// The numbers of the next frame's metadata; map and regions are gone with the buffer.
  GstPatchCoreMeta pass_for_meta(bool defect) {
    const Buffer buffer = pass(defect);
    const GstPatchCoreMeta* meta =
        buffer != nullptr ? gst_buffer_get_patch_core_meta(buffer.get()) : nullptr;
    EXPECT_NE(meta, nullptr);
    return meta != nullptr ? *meta : GstPatchCoreMeta{};
  }

  /// How many results were posted since the last call.
  int posted_results() {
    return static_cast<int>(log().take(GST_MESSAGE_ELEMENT, "patchcore-result").size());
  }

  /// The first error since the last call, or an empty string.
  std::string error() {
    std::string text = log().complaint(GST_MESSAGE_ERROR).text;
    log().take(GST_MESSAGE_ERROR);
    return text;
  }

  /// Whether the caps that downstream has now allow overlay compositions.
  bool compositions_in_caps() {
    GstCaps* caps = gst_pad_get_current_caps(harness()->sinkpad);
    const bool result = gst_caps_features_contains(
        gst_caps_get_features(caps, 0), GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
    gst_caps_unref(caps);
    return result;
  }

 private:
  GstVideoInfo info_;
  guint frames_ = 0;
};

bool has_composition(const Buffer& buffer) {
  return gst_buffer_get_video_overlay_composition_meta(buffer.get()) != nullptr;
}

/// What keeps a pipeline from PAUSED; domain 0 if nothing does.
struct StartError {
  GQuark domain = 0;
  int code = 0;
  std::string text;
};

StartError start_error(const std::string& properties, const std::string& source = "") {
  GstElement* pipeline = gst_parse_launch(
      ("videotestsrc num-buffers=2 ! " + source + "patchcoredetect " + properties + " ! fakesink")
          .c_str(),
      nullptr);
  gst_element_set_state(pipeline, GST_STATE_PAUSED);
  StartError result;
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_ASYNC_DONE));
  EXPECT_NE(message, nullptr) << "neither an error nor a start";
  if (message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    result = {error->domain, error->code, error->message};
    g_error_free(error);
  }
  gst_clear_message(&message);
  gst_object_unref(bus);
  // In order: whatever failed, the way down must not.
  EXPECT_EQ(gst_element_set_state(pipeline, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_object_unref(pipeline);
  return result;
}

class PatchCoreDetect : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    bank_ = new std::string(patchcore::test::write_tiny_bank(folder_->path()));
  }
  static void TearDownTestSuite() {
    delete bank_;
    delete folder_;
  }

  static TemporaryFolder* folder_;
  static std::string* bank_;
};

TemporaryFolder* PatchCoreDetect::folder_ = nullptr;
std::string* PatchCoreDetect::bank_ = nullptr;

TEST_F(PatchCoreDetect, EveryFormatAndSizePassesWithItsResult) {
  Running running(*bank_, "");
  for (const Size size : {usual_size, Size{65, 49}, Size{131, 77}}) {
    for (const GstVideoFormat format : all_formats()) {
      for (const bool padded : {false, true}) {
        SCOPED_TRACE(std::string(gst_video_format_to_string(format)) + " " +
                     std::to_string(size.width) + (padded ? " padded" : ""));
        const GstVideoInfo info = make_info(format, size);
        running.set_caps(info);
        double scores[2] = {};
        for (const bool defect : {false, true}) {
          const Buffer out = running.pass(make_frame(info, defect, defect, padded));
          ASSERT_NE(out, nullptr);
          const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(out.get());
          ASSERT_NE(meta, nullptr);
          EXPECT_EQ(meta->result, GST_PATCH_CORE_RESULT_FRESH);
          EXPECT_EQ(meta->scored_pts, GST_BUFFER_PTS(out.get()));
          EXPECT_GT(meta->map_width * meta->map_height, 0U);
          scores[defect ? 1 : 0] = meta->score;
        }
        EXPECT_GT(scores[1], scores[0]);
      }
    }
  }
}

TEST_F(PatchCoreDetect, FindsTheDefectAndNothingInGoodFrames) {
  Running running(*bank_, "");
  EXPECT_EQ(running.pass_for_meta(false).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
  const Buffer out = running.pass(true);
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(out.get());
  EXPECT_EQ(meta->verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  ASSERT_GT(meta->n_regions, 0U);
  EXPECT_NEAR(meta->regions[0].peak_x, usual_size.width / 2, 14);
  EXPECT_NEAR(meta->regions[0].peak_y, usual_size.height / 2, 14);
  EXPECT_EQ(gst_buffer_get_n_meta(out.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
            meta->n_regions);
}

TEST_F(PatchCoreDetect, WithoutOverlayPixelsStay) {
  Running running(*bank_, "overlay=none");
  for (const GstVideoFormat format : all_formats()) {
    const GstVideoInfo info = make_info(format, {65, 49});
    running.set_caps(info);
    Buffer frame = make_frame(info, true, 0);
    const Bytes before = bytes_of(frame.get());
    const Buffer out = running.pass(std::move(frame));
    EXPECT_EQ(bytes_of(out.get()), before) << gst_video_format_to_string(format);
    EXPECT_FALSE(has_composition(out));
  }
}

TEST_F(PatchCoreDetect, EachOverlayChangesAnomalousFrames) {
  Running running(*bank_, "");
  for (const char* overlay : {"heatmap", "contour", "label", "heatmap+label"}) {
    gst_util_set_object_arg(G_OBJECT(running.element()), "overlay", overlay);
    for (const GstVideoFormat format : all_formats()) {
      const GstVideoInfo info = make_info(format, {65, 49});
      running.set_caps(info);
      Buffer frame = make_frame(info, true, 0);
      const Bytes before = bytes_of(frame.get());
      EXPECT_NE(bytes_of(running.pass(std::move(frame)).get()), before)
          << overlay << " " << gst_video_format_to_string(format);
    }
  }
}

TEST_F(PatchCoreDetect, OverlaysDoNotChangeWhatIsFound) {
  const double expected = Running(*bank_, "overlay=none").pass_for_meta(true).score;
  Running drawn(*bank_, "overlay=heatmap+contour+label overlay-opacity=1");
  EXPECT_EQ(drawn.pass_for_meta(true).score, expected);
  EXPECT_EQ(drawn.pass_for_meta(true).score, expected);
}

TEST_F(PatchCoreDetect, BuffersThatOthersHoldAreNotDrawnUpon) {
  Running running(*bank_, "");
  Buffer frame = make_frame(make_info(GST_VIDEO_FORMAT_RGB, usual_size), true, 0);
  const Buffer kept(gst_buffer_ref(frame.get()));
  const Bytes before = bytes_of(kept.get());
  const Buffer out = running.pass(std::move(frame));
  EXPECT_NE(bytes_of(out.get()), before);
  EXPECT_EQ(bytes_of(kept.get()), before);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(kept.get()), nullptr);
}

TEST_F(PatchCoreDetect, OverlaysAreAttachedWhereDownstreamDrawsThem) {
  Running running(*bank_, "overlay=heatmap+label", make_info(GST_VIDEO_FORMAT_RGB, usual_size),
                  nullptr, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE);
  for (const GstVideoFormat format : all_formats()) {
    SCOPED_TRACE(gst_video_format_to_string(format));
    const GstVideoInfo info = make_info(format, usual_size);
    running.set_caps(info);
    Buffer frame = make_frame(info, true, 0);
    const Bytes before = bytes_of(frame.get());
    const GstMemory* memory = gst_buffer_peek_memory(frame.get(), 0);
    // Somebody else holds the pixels: they would be copied if they were to be written.
    const Buffer holder(gst_buffer_copy(frame.get()));
    const Buffer out = running.pass(std::move(frame));
    EXPECT_EQ(bytes_of(out.get()), before);
    EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory);
    EXPECT_TRUE(running.compositions_in_caps());
    ASSERT_TRUE(has_composition(out));
    EXPECT_EQ(gst_video_overlay_composition_n_rectangles(
                  gst_buffer_get_video_overlay_composition_meta(out.get())->overlay),
              2U);
  }
}

TEST_F(PatchCoreDetect, OverlaysAreBlendedWhereCapsAllowNoCompositions) {
  // Downstream would take the metadata, but its caps don't say so.
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  Running running(*bank_, "", info, "video/x-raw, format=RGB",
                  GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE);
  Buffer frame = make_frame(info, true, 0);
  const Bytes before = bytes_of(frame.get());
  const Buffer out = running.pass(std::move(frame));
  EXPECT_NE(bytes_of(out.get()), before);
  EXPECT_FALSE(has_composition(out));
}

TEST_F(PatchCoreDetect, OverlaysAreBlendedWhereAnyCapsAreTakenButNoneDrawn) {
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  Running running(*bank_, "");
  Buffer frame = make_frame(info, true, 0);
  const Bytes before = bytes_of(frame.get());
  const Buffer out = running.pass(std::move(frame));
  EXPECT_NE(bytes_of(out.get()), before);
  EXPECT_FALSE(has_composition(out));
  EXPECT_FALSE(running.compositions_in_caps());
}

TEST_F(PatchCoreDetect, AnotherSinkIsAskedAnew) {
  Running running(*bank_, "");
  EXPECT_FALSE(has_composition(running.pass(true)));
  gst_harness_add_propose_allocation_meta(running.harness(),
                                          GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  gst_harness_push_upstream_event(running.harness(), gst_event_new_reconfigure());
  EXPECT_TRUE(has_composition(running.pass(true)));
  EXPECT_TRUE(running.compositions_in_caps());
}

TEST_F(PatchCoreDetect, CompositionsOfUpstreamPass) {
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  for (const bool drawn_downstream : {true, false}) {
    Running running(*bank_, "overlay=label", info, nullptr,
                    drawn_downstream ? GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE : 0);
    running.set_caps(info, GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
    Buffer frame = make_frame(info, true, 0);
    GstVideoOverlayComposition* upstream = gst_video_overlay_composition_new(nullptr);
    gst_buffer_add_video_overlay_composition_meta(frame.get(), upstream);
    gst_video_overlay_composition_unref(upstream);
    const Buffer out = running.pass(std::move(frame));
    EXPECT_TRUE(running.compositions_in_caps());
    ASSERT_TRUE(has_composition(out));
    EXPECT_EQ(gst_video_overlay_composition_n_rectangles(
                  gst_buffer_get_video_overlay_composition_meta(out.get())->overlay),
              drawn_downstream ? 1U : 0U);
  }
}

TEST_F(PatchCoreDetect, BetweenScoredFramesTheResultIsHeld) {
  Running running(*bank_, "interval=3");
  const bool defects[] = {true, false, false, false, true};
  const bool fresh[] = {true, false, false, true, false};
  const bool anomalous[] = {true, true, true, false, false};
  const GstClockTime scored[] = {0, 0, 0, 120 * GST_MSECOND, 120 * GST_MSECOND};
  for (int i = 0; i < 5; ++i) {
    const GstPatchCoreMeta meta = running.pass_for_meta(defects[i]);
    EXPECT_EQ(meta.result, fresh[i] ? GST_PATCH_CORE_RESULT_FRESH : GST_PATCH_CORE_RESULT_HELD);
    EXPECT_EQ(meta.verdict,
              anomalous[i] ? GST_PATCH_CORE_VERDICT_ANOMALOUS : GST_PATCH_CORE_VERDICT_NORMAL);
    EXPECT_EQ(meta.scored_pts, scored[i]) << i;
    EXPECT_EQ(meta.age, i * 40 * GST_MSECOND - scored[i]) << i;
    EXPECT_EQ(meta.reason, fresh[i] ? GST_PATCH_CORE_REASON_NONE : GST_PATCH_CORE_REASON_INTERVAL);
  }
}

TEST_F(PatchCoreDetect, ThresholdCountsFromTheNextFrameOn) {
  Running running(*bank_, "");
  const GstPatchCoreMeta usual = running.pass_for_meta(false);
  EXPECT_EQ(usual.verdict, GST_PATCH_CORE_VERDICT_NORMAL);

  g_object_set(running.element(), "threshold", usual.score / 2, nullptr);
  const GstPatchCoreMeta strict = running.pass_for_meta(false);
  EXPECT_EQ(strict.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_DOUBLE_EQ(strict.relative_score, 2);

  g_object_set(running.element(), "threshold", -1.0, nullptr);
  EXPECT_EQ(running.pass_for_meta(false).threshold, usual.threshold);
}

TEST_F(PatchCoreDetect, SmallRegionsAreDroppedAndTheVerdictStays) {
  Running running(*bank_, "min-region-area=1e9");
  const GstPatchCoreMeta meta = running.pass_for_meta(true);
  EXPECT_EQ(meta.verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(meta.n_regions, 0U);
}

TEST_F(PatchCoreDetect, MessagesFollowTheirMode) {
  struct Case {
    const char* mode;
    std::vector<int> posted;
  };
  const bool defects[] = {false, true, true, true, false, false};
  // With an interval of 2 the second frame of each pair repeats the first one's result.
  for (const Case& one : {Case{"none", {0, 0, 0, 0, 0, 0}}, Case{"changes", {1, 0, 1, 0, 1, 0}},
                          Case{"anomalous", {0, 0, 1, 0, 0, 0}}, Case{"all", {1, 1, 1, 1, 1, 1}}}) {
    Running running(*bank_, std::string("interval=2 post-messages=") + one.mode);
    for (std::size_t i = 0; i < one.posted.size(); ++i) {
      running.pass(defects[i]);
      EXPECT_EQ(running.posted_results(), one.posted[i]) << one.mode << " " << i;
    }
  }
}

TEST_F(PatchCoreDetect, AnomalousFramesAreHandedToTheApplication) {
  Running running(*bank_, "interval=2 post-messages=none");
  std::vector<GstSample*> samples;
  const auto keep = +[](GstElement*, GstSample* sample, gpointer data) {
    static_cast<std::vector<GstSample*>*>(data)->push_back(gst_sample_ref(sample));
  };
  g_signal_connect(running.element(), "anomaly", G_CALLBACK(keep), &samples);
  Buffer anomalous;
  for (const bool defect : {false, false, true, true}) {
    Buffer out = running.pass(defect);
    if (samples.size() == 1 && anomalous == nullptr) anomalous = std::move(out);
  }
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(gst_sample_get_buffer(samples[0]), anomalous.get());
  EXPECT_EQ(gst_buffer_get_patch_core_meta(anomalous.get())->verdict,
            GST_PATCH_CORE_VERDICT_ANOMALOUS);
  GstVideoInfo info;
  EXPECT_TRUE(gst_video_info_from_caps(&info, gst_sample_get_caps(samples[0])));
  EXPECT_EQ(GST_VIDEO_INFO_WIDTH(&info), usual_size.width);
  gst_sample_unref(samples[0]);
}

// The element must not hold its lock, nor be in the middle of something, while others are told.
TEST_F(PatchCoreDetect, HandlersMayCallTheElementBack) {
  Running running(*bank_, "");
  const auto call_back = +[](GstElement* element, GstSample*, gpointer data) {
    GstStructure* stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    gst_structure_get_uint64(stats, "anomalous", static_cast<guint64*>(data));
    gst_structure_free(stats);
    g_object_set(element, "overlay", 0, "threshold", 1e9, nullptr);
  };
  guint64 anomalous = 0;
  g_signal_connect(running.element(), "anomaly", G_CALLBACK(call_back), &anomalous);
  running.pass(true);
  EXPECT_EQ(anomalous, 1U);
  EXPECT_EQ(running.pass_for_meta(true).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
}

TEST_F(PatchCoreDetect, StatisticsArePostedWhenDueAndAtTheEnd) {
  const auto posted = [](Running& running) {
    std::vector<guint64> scored;
    for (const auto& message : running.log().take(GST_MESSAGE_ELEMENT, "patchcore-stats")) {
      guint64 frames = 0;
      EXPECT_TRUE(
          gst_structure_get_uint64(gst_message_get_structure(message.get()), "scored", &frames));
      scored.push_back(frames);
    }
    return scored;
  };
  const auto run = [&](const char* properties) {
    Running running(*bank_, properties);
    running.pass(false);
    g_usleep(2000);
    running.pass(false);
    gst_harness_push_event(running.harness(), gst_event_new_eos());
    return posted(running);
  };
  EXPECT_TRUE(run("").empty());
  EXPECT_EQ(run("stats-interval=3600000"), std::vector<guint64>({2}));
  // Loading the bank takes longer than a millisecond, and so does the pause.
  EXPECT_EQ(run("stats-interval=1"), std::vector<guint64>({1, 2, 2}));
}

TEST_F(PatchCoreDetect, GapsAreNotInspected) {
  Running running(*bank_, "");
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  const auto make_gap = [&] {
    Buffer gap = make_frame(info, true, 0);
    GST_BUFFER_FLAG_SET(gap.get(), GST_BUFFER_FLAG_GAP);
    return gap;
  };
  Buffer out = running.pass(make_gap());
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->reason, GST_PATCH_CORE_REASON_GAP);

  running.pass(false);
  Buffer gap = make_gap();
  const Bytes before = bytes_of(gap.get());
  out = running.pass(std::move(gap));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->result, GST_PATCH_CORE_RESULT_HELD);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->reason, GST_PATCH_CORE_REASON_GAP);
  EXPECT_EQ(bytes_of(out.get()), before);

  out = running.pass(Buffer(gst_buffer_new()));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->result, GST_PATCH_CORE_RESULT_HELD);
}

TEST_F(PatchCoreDetect, FlushingForgetsTheResult) {
  Running running(*bank_, "interval=100");
  running.pass(true);
  EXPECT_EQ(running.pass_for_meta(false).result, GST_PATCH_CORE_RESULT_HELD);
  running.flush();
  const GstPatchCoreMeta meta = running.pass_for_meta(false);
  EXPECT_EQ(meta.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(meta.verdict, GST_PATCH_CORE_VERDICT_NORMAL);
}

TEST_F(PatchCoreDetect, CapsMayChangeInMidstream) {
  Running running(*bank_, "interval=100");
  EXPECT_EQ(running.pass_for_meta(true).inspected_width, usual_size.width);
  running.set_caps(make_info(GST_VIDEO_FORMAT_I420, {129, 97}));
  const GstPatchCoreMeta meta = running.pass_for_meta(true);
  EXPECT_EQ(meta.result, GST_PATCH_CORE_RESULT_FRESH) << "positions of the old size";
  EXPECT_EQ(meta.inspected_width, 129);
  running.set_caps(make_info(GST_VIDEO_FORMAT_GRAY8, usual_size));
  EXPECT_EQ(running.pass_for_meta(true).inspected_height, usual_size.height);
}

TEST_F(PatchCoreDetect, TooSmallFramesAreRefused) {
  const StartError error = start_error("bank=" + *bank_, "video/x-raw,width=16,height=16 ! ");
  EXPECT_EQ(error.domain, GST_STREAM_ERROR);
  EXPECT_NE(error.text.find("16"), std::string::npos) << error.text;

  Running running(*bank_, "");
  running.pass(false);
  const GstVideoInfo tiny = make_info(GST_VIDEO_FORMAT_RGB, {16, 16});
  running.set_caps(tiny);
  EXPECT_EQ(running.push(make_frame(tiny, false, 0)), GST_FLOW_NOT_NEGOTIATED);
  EXPECT_NE(running.error(), "");
  EXPECT_EQ(running.error(), "") << "told twice";

  running.set_caps(make_info(GST_VIDEO_FORMAT_RGB, usual_size));
  EXPECT_EQ(running.pass_for_meta(false).result, GST_PATCH_CORE_RESULT_FRESH);
}

TEST_F(PatchCoreDetect, BuffersSmallerThanTheirCapsAreRefused) {
  Running running(*bank_, "");
  EXPECT_EQ(running.push(Buffer(gst_buffer_new_allocate(nullptr, 100, nullptr))), GST_FLOW_ERROR);
  EXPECT_NE(running.error().find("100"), std::string::npos);
}

TEST_F(PatchCoreDetect, WithoutABankItDoesNotStart) {
  const StartError error = start_error("");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_NE(error.text.find("bank"), std::string::npos) << error.text;
}

TEST_F(PatchCoreDetect, AMissingBankIsNamed) {
  const StartError error = start_error("bank=/nowhere/parts.bank");
  EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(error.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_NE(error.text.find("/nowhere/parts.bank"), std::string::npos) << error.text;
}

TEST_F(PatchCoreDetect, ACorruptBankIsNamed) {
  const std::string path = *folder_ / "corrupt.bank";
  const std::string whole = read_whole_file(*bank_);
  for (const std::string& content :
       {std::string(), std::string("no bank at all"), whole.substr(0, whole.size() / 2)}) {
    write_whole_file(path, content);
    const StartError error = start_error("bank=" + path);
    EXPECT_NE(error.domain, 0U) << content.size();
    EXPECT_NE(error.text.find(path), std::string::npos) << error.text;
  }
}

TEST_F(PatchCoreDetect, AFolderIsNoBank) {
  EXPECT_NE(start_error("bank=" + folder_->path()).domain, 0U);
}

TEST_F(PatchCoreDetect, WorksAgainAfterAFailedStart) {
  GstElement* element = gst_element_factory_make("patchcoredetect", nullptr);
  gst_object_ref_sink(element);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  g_object_set(element, "bank", bank_->c_str(), nullptr);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(gst_element_set_state(element, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_object_unref(element);
}

TEST_F(PatchCoreDetect, StatesCanBeCycledAndPropertiesSurvive) {
  Running running(*bank_, "threshold=5 interval=2 overlay=contour post-messages=all");
  running.pass(false);
  for (int cycle = 0; cycle < 20; ++cycle) {
    const GstState down = cycle % 2 == 0 ? GST_STATE_NULL : GST_STATE_READY;
    ASSERT_EQ(gst_element_set_state(running.element(), down), GST_STATE_CHANGE_SUCCESS);
    ASSERT_EQ(gst_element_set_state(running.element(), GST_STATE_PLAYING),
              GST_STATE_CHANGE_SUCCESS);
  }
  gchar* bank = nullptr;
  double threshold = 0;
  guint interval = 0;
  guint overlay = 0;
  int threads = 0;
  g_object_get(running.element(), "bank", &bank, "threshold", &threshold, "interval", &interval,
               "overlay", &overlay, "threads", &threads, nullptr);
  EXPECT_EQ(bank, *bank_);
  EXPECT_EQ(threshold, 5);
  EXPECT_EQ(interval, 2U);
  EXPECT_EQ(overlay, static_cast<guint>(GST_PATCH_CORE_OVERLAY_CONTOUR));
  EXPECT_EQ(threads, 1);
  g_free(bank);
}

// Whatever the precision of the training, which is this machine's default.
TEST_F(PatchCoreDetect, EveryPrecisionFindsTheDefect) {
  for (const char* precision : {"fp32", "bf16", "auto"}) {
    SCOPED_TRACE(precision);
    Running running(*bank_, std::string("precision=") + precision);
    EXPECT_EQ(running.pass_for_meta(false).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
    EXPECT_EQ(running.pass_for_meta(true).verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  }
}

TEST_F(PatchCoreDetect, EveryIndexFindsTheDefect) {
  for (const char* index : {"auto", "screened", "faiss-flat", "faiss-ivfpq", "faiss-hnsw"}) {
    SCOPED_TRACE(index);
    Running running(*bank_, std::string("index=") + index);
    EXPECT_EQ(running.pass_for_meta(false).verdict, GST_PATCH_CORE_VERDICT_NORMAL);
    EXPECT_EQ(running.pass_for_meta(true).verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  }
}

TEST_F(PatchCoreDetect, StreamsWithoutFramesEnd) {
  Running running(*bank_, "");
  EXPECT_TRUE(gst_harness_push_event(running.harness(), gst_event_new_eos()));
  EXPECT_EQ(running.error(), "");
}

TEST_F(PatchCoreDetect, SeveralInOnePipelineEachAddTheirResult) {
  GstElement* pipeline =
      gst_parse_bin_from_description(("patchcoredetect mode=every overlay=none bank=" + *bank_ +
                                      " ! patchcoredetect mode=every threshold=0 bank=" + *bank_)
                                         .c_str(),
                                     TRUE, nullptr);
  gst_object_ref_sink(pipeline);
  GstHarness* harness = gst_harness_new_with_element(pipeline, "sink", "src");
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  gst_harness_set_src_caps(harness, gst_video_info_to_caps(&info));
  Buffer out(gst_harness_push_and_pull(harness, make_frame(info, false, 0).release()));
  ASSERT_NE(out, nullptr);
  gpointer state = nullptr;
  std::vector<GstPatchCoreVerdict> verdicts;
  while (GstMeta* meta =
             gst_buffer_iterate_meta_filtered(out.get(), &state, GST_PATCH_CORE_META_API_TYPE)) {
    verdicts.push_back(reinterpret_cast<GstPatchCoreMeta*>(meta)->verdict);
  }
  EXPECT_EQ(verdicts, (std::vector<GstPatchCoreVerdict>{GST_PATCH_CORE_VERDICT_NORMAL,
                                                        GST_PATCH_CORE_VERDICT_ANOMALOUS}));
  out.reset();
  gst_harness_teardown(harness);
  gst_object_unref(pipeline);
}

// What is drawn is what the next one would score.
TEST_F(PatchCoreDetect, WarnsOnceOfFramesThatAreDrawnUpon) {
  const std::string detect = "patchcoredetect mode=every threshold=0 bank=" + *bank_;
  for (const bool draws : {true, false}) {
    SCOPED_TRACE(draws);
    patchcore::test::ElementHarness both(detect + (draws ? "" : " overlay=none") + " ! " + detect);
    const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
    both.set_caps(info);
    for (guint i = 0; i < 3; ++i) {
      EXPECT_EQ(both.push(make_frame(info, true, i)), GST_FLOW_OK);
      const Buffer out = both.pull();
      ASSERT_NE(out, nullptr);
      EXPECT_EQ(gst_buffer_get_patch_core_meta(out.get())->drawn != FALSE, draws);
    }
    EXPECT_EQ(both.log().count(GST_MESSAGE_WARNING), draws ? 1U : 0U);
    if (!draws) continue;
    EXPECT_NE(both.log().complaint(GST_MESSAGE_WARNING).text.find("overlay=none"),
              std::string::npos);
  }
}

// Told by a file that cannot be loaded again, although nothing shows that it was written to.
TEST_F(PatchCoreDetect, ElementsWithOneBankLoadItOnce) {
  const TemporaryFolder folder;
  const std::string bank = folder.path() + "/shared";
  const std::string content = read_whole_file(*bank_);
  write_whole_file(bank, content);
  const auto time = std::filesystem::last_write_time(bank);
  {
    Running first(bank, "");
    const double score = first.pass_for_meta(true).score;
    write_whole_file(bank, std::string(content.size(), 'x'));
    std::filesystem::last_write_time(bank, time);
    auto second = std::make_unique<Running>(bank, "threads=2");
    EXPECT_EQ(second->error(), "");
    EXPECT_EQ(second->pass_for_meta(true).score, score);
    second.reset();
    EXPECT_EQ(first.pass_for_meta(true).score, score);
  }
  // The last one has freed it.
  EXPECT_EQ(start_error("bank=" + bank).domain, GST_RESOURCE_ERROR);
}

TEST_F(PatchCoreDetect, SaysWhatTheBankIsWhileItIsLoaded) {
  Running running(*bank_, "");
  GstStructure* bank = nullptr;
  g_object_get(running.element(), "bank-info", &bank, nullptr);
  ASSERT_NE(bank, nullptr);
  EXPECT_STREQ(gst_structure_get_string(bank, "backbone"), "resnet18");
  gint64 frames = 0;
  EXPECT_TRUE(gst_structure_get_int64(bank, "frames", &frames));
  EXPECT_EQ(frames, 10);
  const Buffer out = running.pass(true);
  EXPECT_STREQ(gst_structure_get_string(bank, "checksum"),
               gst_buffer_get_patch_core_meta(out.get())->bank);
  EXPECT_EQ(std::string(gst_structure_get_string(bank, "checksum")).size(), 64U);
  EXPECT_STREQ(gst_structure_get_string(bank, "index"), "auto");
  EXPECT_FALSE(gst_structure_has_field(bank, "recall"));
  gst_structure_free(bank);

  gst_element_set_state(running.element(), GST_STATE_NULL);
  bank = nullptr;
  g_object_get(running.element(), "bank-info", &bank, nullptr);
  EXPECT_EQ(bank, nullptr);
}

TEST_F(PatchCoreDetect, CountsWhatItDid) {
  Running running(*bank_, "interval=2");
  Buffer gap = make_frame(make_info(GST_VIDEO_FORMAT_RGB, usual_size), true, 0);
  GST_BUFFER_FLAG_SET(gap.get(), GST_BUFFER_FLAG_GAP);
  running.pass(std::move(gap));
  for (const bool defect : {true, false, false}) running.pass(defect);

  GstStructure* stats = nullptr;
  g_object_get(running.element(), "stats", &stats, nullptr);
  guint64 scored = 0, anomalous = 0, held = 0, uninspected = 0;
  EXPECT_TRUE(gst_structure_get(stats, "scored", G_TYPE_UINT64, &scored, "anomalous", G_TYPE_UINT64,
                                &anomalous, "held", G_TYPE_UINT64, &held, "uninspected",
                                G_TYPE_UINT64, &uninspected, nullptr));
  EXPECT_EQ(scored, 2U);
  EXPECT_EQ(anomalous, 1U);
  EXPECT_EQ(held, 1U);
  EXPECT_EQ(uninspected, 1U);
  gst_structure_free(stats);
}

TEST_F(PatchCoreDetect, SaysWhereItComputes) {
  Running running(*bank_, "device=cpu");
  const auto device = [&] {
    GstStructure* stats = nullptr;
    g_object_get(running.element(), "stats", &stats, nullptr);
    const gchar* name = gst_structure_get_string(stats, "device");
    const std::string result = name != nullptr ? name : "none";
    gst_structure_free(stats);
    return result;
  };
  EXPECT_EQ(device(), "cpu");
  gst_element_set_state(running.element(), GST_STATE_NULL);
  EXPECT_EQ(device(), "none");

  gchar* setting = nullptr;
  g_object_get(running.element(), "device", &setting, nullptr);
  EXPECT_STREQ(setting, "cpu");
  g_free(setting);
}

TEST_F(PatchCoreDetect, ADeviceThatIsNotThereIsRefused) {
  const StartError missing = start_error("device=cuda:999 bank=" + *bank_);
  EXPECT_EQ(missing.domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(missing.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_NE(missing.text.find("cuda:999"), std::string::npos) << missing.text;
  const StartError unknown = start_error("device=gpu bank=" + *bank_);
  EXPECT_EQ(unknown.code, GST_RESOURCE_ERROR_SETTINGS);
  EXPECT_NE(unknown.text.find("cuda:N"), std::string::npos) << unknown.text;
}

}  // namespace
