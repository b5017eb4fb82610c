// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what patchcoretrain promises of a stream: frames pass untouched, the end of the stream
// waits for the bank, a failure is said and harms nothing, and no build outlives its run.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "core/trainer.h"
#include "tests/gst/message_log.h"
#include "tests/gst/train_fixture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::Size;
using patchcore::test::MessageLog;
using patchcore::test::PatchCoreTrain;
using patchcore::test::Progress;
using patchcore::test::StripedPicture;

// Frames

TEST_F(PatchCoreTrain, FramesPassAsTheSameBuffersUnchanged) {
  play();
  for (int number = 0; number < 3; ++number) {
    GstBuffer* in = frame(number);
    GST_BUFFER_PTS(in) = number * GST_SECOND;
    gst_buffer_add_video_region_of_interest_meta(in, "part", 1, 2, 3, 4);
    ASSERT_EQ(gst_harness_push(harness_, gst_buffer_ref(in)), GST_FLOW_OK);
    GstBuffer* out = gst_harness_pull(harness_);
    EXPECT_EQ(out, in);
    EXPECT_EQ(GST_BUFFER_PTS(out), number * GST_SECOND);
    EXPECT_NE(gst_buffer_get_video_region_of_interest_meta(out), nullptr);
    const StripedPicture picture(number);
    EXPECT_EQ(gst_buffer_memcmp(out, 0, picture.rgb.data(), picture.rgb.size()), 0);
    gst_buffer_unref(out);
    gst_buffer_unref(in);
  }
  EXPECT_EQ(collected(3), 3U);
}

TEST_F(PatchCoreTrain, EveryFormatIsCollected) {
  play();
  guint64 frames = 0;
  for (const char* format :
       {"RGB", "BGR", "RGBx", "BGRx", "RGBA", "BGRA", "GRAY8", "I420", "NV12", "YUY2"}) {
    SCOPED_TRACE(format);
    set_caps({64, 48}, format);
    GstVideoInfo info;
    gst_video_info_set_format(&info, gst_video_format_from_string(format), 64, 48);
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
    gst_buffer_memset(buffer, 0, 0x55, GST_VIDEO_INFO_SIZE(&info));
    ASSERT_EQ(gst_harness_push(harness_, buffer), GST_FLOW_OK);
    ++frames;
    EXPECT_EQ(collected(frames), frames);
  }
}

TEST_F(PatchCoreTrain, OnlyEachNthFrameIsCollected) {
  g_object_set(element_, "interval", 3U, nullptr);
  play();
  push(7);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 3U);
}

TEST_F(PatchCoreTrain, CollectingEndsAtTheLimitAndFramesGoOn) {
  g_object_set(element_, "interval", 2U, "max-frames", 2U, nullptr);
  play();
  push(9);
  EXPECT_EQ(collected(2), 2U);
  EXPECT_FALSE(bank_exists());
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 2U);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, GapsPassButAreNotCollected) {
  play();
  push(1);
  GstBuffer* gap = frame(1);
  GST_BUFFER_FLAG_SET(gap, GST_BUFFER_FLAG_GAP);
  for (GstBuffer* nothing : {gap, gst_buffer_new()}) {
    ASSERT_EQ(gst_harness_push(harness_, nothing), GST_FLOW_OK);
    GstBuffer* out = gst_harness_pull(harness_);
    EXPECT_EQ(out, nothing);
    gst_buffer_unref(out);
  }
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 1U);
}

TEST_F(PatchCoreTrain, FramesOfAnotherSizeAreCollectedToo) {
  play();
  push(2);
  set_caps({96, 64});
  ASSERT_EQ(gst_harness_push(harness_, frame(2, {96, 64})), GST_FLOW_OK);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 3U);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, AFrameTooSmallStopsTheStreamWithAReason) {
  play({16, 16});
  EXPECT_EQ(gst_harness_push(harness_, frame(0, {16, 16})), GST_FLOW_ERROR);
  const auto error = log_.complaint(GST_MESSAGE_ERROR);
  EXPECT_EQ(error.domain, GST_STREAM_ERROR);
  EXPECT_NE(error.text.find("16"), std::string::npos) << error.text;
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 1U);
  EXPECT_FALSE(bank_exists());
}

TEST_F(PatchCoreTrain, ABufferShorterThanItsFrameStopsTheStreamWithAReason) {
  play();
  EXPECT_EQ(gst_harness_push(harness_, gst_buffer_new_allocate(nullptr, 100, nullptr)),
            GST_FLOW_ERROR);
  const auto error = log_.complaint(GST_MESSAGE_ERROR);
  EXPECT_NE(error.text.find("100 bytes"), std::string::npos) << error.text;
}

// Collecting beside the stream

TEST_F(PatchCoreTrain, AFewFramesWaitAndThenTheStreamDoes) {
  play();
  log_.hold_back_at("collecting");
  push(1);
  ASSERT_TRUE(log_.wait_until_held_back());
  // No more than wait at most, beside the one that is held back.
  push(8, 1);
  EXPECT_EQ(count("frames"), 1U);
  auto pushed = std::async(std::launch::async, [&] { push(20, 9); });
  EXPECT_EQ(pushed.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  log_.release();
  pushed.get();
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 29U);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U);
}

TEST_F(PatchCoreTrain, AFlushEndsTheWaitForAPlace) {
  play();
  log_.hold_back_at("collecting");
  push(1);
  ASSERT_TRUE(log_.wait_until_held_back());
  push(8, 1);
  auto refused =
      std::async(std::launch::async, [&] { return gst_harness_push(harness_, frame(9)); });
  EXPECT_EQ(refused.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  gst_harness_push_event(harness_, gst_event_new_flush_start());
  EXPECT_EQ(refused.get(), GST_FLOW_FLUSHING);
  gst_harness_push_event(harness_, gst_event_new_flush_stop(TRUE));
  log_.release();
  begin_segment();
  push(1, 10);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 10U);
}

TEST_F(PatchCoreTrain, LeavingPausedEndsTheWaitForAPlace) {
  play();
  log_.hold_back_at("collecting");
  push(1);
  ASSERT_TRUE(log_.wait_until_held_back());
  push(8, 1);
  auto refused =
      std::async(std::launch::async, [&] { return gst_harness_push(harness_, frame(9)); });
  EXPECT_EQ(refused.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  auto stop =
      std::async(std::launch::async, [&] { gst_element_set_state(element_, GST_STATE_NULL); });
  EXPECT_EQ(refused.get(), GST_FLOW_FLUSHING);
  log_.release();
  stop.get();
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, AFrameThatCannotBeCollectedStopsTheStreamWithAReason) {
  g_object_set(element_, "memory-limit", static_cast<guint64>(100000), nullptr);
  play();
  GstFlowReturn flow = GST_FLOW_OK;
  for (int number = 0; flow == GST_FLOW_OK && number < 1000; ++number) {
    flow = gst_harness_push(harness_, frame(number));
  }
  EXPECT_EQ(flow, GST_FLOW_ERROR);
  EXPECT_NE(log_.complaint(GST_MESSAGE_ERROR).text.find("memory limit of 100000 bytes"),
            std::string::npos);
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 1U);
  EXPECT_FALSE(bank_exists());
}

TEST_F(PatchCoreTrain, AFrameThatCannotBeCollectedIsSaidAtTheEndAtTheLatest) {
  g_object_set(element_, "memory-limit", static_cast<guint64>(100000), nullptr);
  play();
  push(1);
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  EXPECT_NE(log_.complaint(GST_MESSAGE_ERROR).text.find("memory limit of 100000 bytes"),
            std::string::npos);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 1U);
  EXPECT_FALSE(bank_exists());
}

// The end of the stream

TEST_F(PatchCoreTrain, TheEndOfTheStreamComesAfterTheBank) {
  GstElement* pipeline = make_pipeline(6);
  ASSERT_NE(pipeline, nullptr);
  struct Seen {
    std::string bank;
    bool written_at_end = false;
  } seen{bank()};
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* result = static_cast<Seen*>(data);
        if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS) {
          result->written_at_end = std::filesystem::exists(result->bank);
        }
        return GST_PAD_PROBE_OK;
      },
      &seen, nullptr);
  gst_object_unref(pad);
  gst_object_unref(sink);

  MessageLog log;
  log.attach(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  EXPECT_TRUE(log.wait_for(GST_MESSAGE_EOS));
  EXPECT_EQ(log.count(GST_MESSAGE_ERROR), 0U) << log.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_TRUE(seen.written_at_end);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  log.detach(pipeline);
  gst_object_unref(pipeline);
}

TEST_F(PatchCoreTrain, ProgressGoesThroughAllStagesToTheEnd) {
  g_object_set(element_, "max-frames", 6U, nullptr);
  play();
  push(6);
  EXPECT_TRUE(end());

  const std::vector<Progress> progress = log_.progress();
  std::vector<std::string> begun;
  std::vector<std::string> completed;
  int latest = 0;
  for (const Progress& step : progress) {
    if (step.type == GST_PROGRESS_TYPE_START) begun.push_back(step.code);
    if (step.type == GST_PROGRESS_TYPE_COMPLETE) {
      completed.push_back(step.code);
      EXPECT_EQ(step.text, step.code + ": 100 %");
    }
    if (step.code == "collecting" || step.percent < 0) continue;
    EXPECT_GE(step.percent, latest) << step.text;
    latest = step.percent;
  }
  const std::vector<std::string> stages = {"collecting", "coreset", "calibration", "writing"};
  EXPECT_EQ(begun, stages);
  EXPECT_EQ(completed, stages);
  EXPECT_EQ(latest, 100);
  EXPECT_EQ(progress.back().text, "writing: 100 %");
}

TEST_F(PatchCoreTrain, TheMessageSaysWhatIsInTheBank) {
  g_object_set(element_, "coreset-ratio", 0.5, nullptr);
  play();
  push(6);
  EXPECT_TRUE(end());
  const GstStructure* trained = log_.trained();
  ASSERT_NE(trained, nullptr);
  EXPECT_EQ(gst_structure_get_string(trained, "bank"), bank());
  gint64 frames = 0;
  gint64 patches = 0;
  gint64 bank_patches = 0;
  EXPECT_TRUE(gst_structure_get(trained, "frames", G_TYPE_INT64, &frames, "patches", G_TYPE_INT64,
                                &patches, "bank-patches", G_TYPE_INT64, &bank_patches, nullptr));
  EXPECT_EQ(frames, 6);
  EXPECT_EQ(static_cast<guint64>(patches), count("patches"));
  EXPECT_EQ(patches, 6 * 16 * 16);
  EXPECT_EQ(static_cast<guint64>(bank_patches), count("bank-patches"));
  EXPECT_GT(bank_patches, 0);
  EXPECT_LE(bank_patches, patches / 2);
}

TEST_F(PatchCoreTrain, TheMessageTellsTheRecallOfAnApproximateIndex) {
  gst_util_set_object_arg(G_OBJECT(element_), "index", "faiss-hnsw");
  gint index = -1;
  g_object_get(element_, "index", &index, nullptr);
  EXPECT_EQ(index, static_cast<gint>(patchcore::IndexKind::faiss_hnsw));
  play();
  push(6);
  EXPECT_TRUE(end());
  const GstStructure* trained = log_.trained();
  ASSERT_NE(trained, nullptr);
  EXPECT_STREQ(gst_structure_get_string(trained, "index"), "faiss-hnsw");
  gdouble recall = -1;
  EXPECT_TRUE(gst_structure_get_double(trained, "recall", &recall));
  EXPECT_GT(recall, 0.8);
  EXPECT_LE(recall, 1);
}

TEST_F(PatchCoreTrain, AThresholdFromFewFramesIsAWarning) {
  play();
  push(6);
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 1U);
  const std::string text = log_.complaint(GST_MESSAGE_WARNING).text;
  EXPECT_NE(text.find("guess"), std::string::npos) << text;
}

TEST_F(PatchCoreTrain, AThresholdFromManyFramesIsNoWarning) {
  g_object_set(element_, "input-size", "32x32", "coreset-ratio", 0.01, nullptr);
  play();
  push(100);
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 0U) << log_.complaint(GST_MESSAGE_WARNING).text;
}

TEST_F(PatchCoreTrain, AnEndBeforeTheFirstFrameIsAnErrorAndHarmsNoBank) {
  patchcore::test::write_whole_file(bank(), "the bank before");
  play();
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  const std::string text = log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_NE(text.find("no frame"), std::string::npos) << text;
  EXPECT_EQ(patchcore::test::read_whole_file(bank()), "the bank before");
}

TEST_F(PatchCoreTrain, AFailedWriteIsAnErrorAndTheEndStillCome) {
  play();
  push(3);
  std::filesystem::remove_all(folder_.path());
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  EXPECT_EQ(log_.complaint(GST_MESSAGE_ERROR).domain, GST_RESOURCE_ERROR);
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_ERROR);
  EXPECT_EQ(log_.trained(), nullptr);
}

// As Ctrl-C of gst-launch-1.0 without -e stops it.
TEST_F(PatchCoreTrain, StoppedBeforeTheEndItSaysThatThereIsNoBank) {
  play();
  push(3);
  gst_element_set_state(element_, GST_STATE_READY);
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 1U);
  const std::string text = log_.complaint(GST_MESSAGE_WARNING).text;
  EXPECT_NE(text.find("of 3 collected frames no memory bank is made"), std::string::npos) << text;
  EXPECT_FALSE(bank_exists());
}

TEST_F(PatchCoreTrain, StoppedAfterTheEndOrWithoutAFrameItWarnsOfNothing) {
  play();
  gst_element_set_state(element_, GST_STATE_READY);
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 0U);
  gst_element_set_state(element_, GST_STATE_PLAYING);
  set_caps({64, 48});
  begin_segment();
  push(3);
  EXPECT_TRUE(end());
  const std::size_t before = log_.count(GST_MESSAGE_WARNING);  // that the threshold is a guess
  gst_element_set_state(element_, GST_STATE_READY);
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), before);
}

// Good frames are the camera's.
TEST_F(PatchCoreTrain, WarnsOfFramesThatAreDrawnUpon) {
  play();
  for (const bool drawn : {false, true, true}) {
    GstBuffer* buffer = frame(1);
    gst_buffer_add_patch_core_meta(buffer)->drawn = drawn ? TRUE : FALSE;
    EXPECT_EQ(gst_harness_push(harness_, buffer), GST_FLOW_OK);
    EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), drawn ? 1U : 0U);
  }
  EXPECT_TRUE(end());
}

TEST_F(PatchCoreTrain, AFlushWhileCollectingKeepsTheFrames) {
  play();
  push(2);
  gst_harness_push_event(harness_, gst_event_new_flush_start());
  gst_harness_push_event(harness_, gst_event_new_flush_stop(TRUE));
  begin_segment();
  push(1, 2);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 3U);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, AFlushDuringTheBuildDropsTheEndAndTheBuildGoesOn) {
  play();
  push(3);
  log_.hold_back_at("coreset");
  auto first_end = std::async(std::launch::async, [&] { return end(); });
  ASSERT_TRUE(log_.wait_until_held_back());
  gst_harness_push_event(harness_, gst_event_new_flush_start());
  EXPECT_FALSE(first_end.get());
  gst_harness_push_event(harness_, gst_event_new_flush_stop(TRUE));
  EXPECT_FALSE(ended());
  begin_segment();
  push(2, 3);
  EXPECT_FALSE(bank_exists());

  log_.release();
  EXPECT_TRUE(end());
  EXPECT_TRUE(bank_exists());
  EXPECT_EQ(count("frames"), 3U);
}

// Novelty

TEST_F(PatchCoreTrain, FramesThatShowNothingNewAreSkippedAndTheCoverageRises) {
  g_object_set(element_, "min-novelty", 1.25, nullptr);
  play();
  for (int i = 0; i < 20; ++i) push(1, 7);
  EXPECT_TRUE(end());
  EXPECT_LT(count("frames"), 8U);
  EXPECT_EQ(count("frames") + count("skipped"), 20U);
  gdouble coverage = 0;
  g_object_get(element_, "coverage", &coverage, nullptr);
  EXPECT_GT(coverage, 0.5);
  EXPECT_LE(coverage, 1);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, TheLimitCountsCollectedFramesOnly) {
  g_object_set(element_, "min-novelty", 1.25, "max-frames", 2U, nullptr);
  play();
  for (int i = 0; i < 12; ++i) push(1, i < 6 ? 7 : 70);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 2U);
}

// Continuing a bank

TEST_F(PatchCoreTrain, AppendContinuesTheBank) {
  GstElement* pipeline = make_pipeline(5);
  ASSERT_NE(pipeline, nullptr);
  GstElement* trainer = gst_bin_get_by_name(GST_BIN(pipeline), "trainer");
  // The first run finds no bank, and makes it.
  g_object_set(trainer, "append", TRUE, nullptr);
  for (const gint64 expected : {5, 10, 15}) {
    MessageLog log;
    log.attach(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    EXPECT_TRUE(log.wait_for(GST_MESSAGE_EOS));
    EXPECT_EQ(log.count(GST_MESSAGE_ERROR), 0U) << log.complaint(GST_MESSAGE_ERROR).text;
    ASSERT_NE(log.trained(), nullptr);
    gint64 frames = 0;
    gint64 earlier_frames = -1;
    EXPECT_TRUE(gst_structure_get(log.trained(), "frames", G_TYPE_INT64, &frames, "earlier-frames",
                                  G_TYPE_INT64, &earlier_frames, nullptr));
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(earlier_frames, expected - 5);
    guint64 collected = 0;
    g_object_get(trainer, "frames", &collected, nullptr);
    EXPECT_EQ(collected, 5U);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    log.detach(pipeline);
  }
  gst_object_unref(trainer);
  gst_object_unref(pipeline);
}

TEST_F(PatchCoreTrain, AppendRefusesOtherSettingsByName) {
  play();
  push(2);
  EXPECT_TRUE(end());
  gst_element_set_state(element_, GST_STATE_NULL);
  g_object_set(element_, "append", TRUE, "patch-size", 5, "neighbours", 2, nullptr);
  const std::string before = patchcore::test::read_whole_file(bank());
  expect_refusal("patch size: 3 there, 5 here; neighbours: 1 there, 2 here");
  EXPECT_TRUE(patchcore::test::read_whole_file(bank()) == before);
}

TEST_F(PatchCoreTrain, AppendToWhatIsNoBankIsRefusedAndHarmsNothing) {
  patchcore::test::write_whole_file(bank(), "something else");
  g_object_set(element_, "append", TRUE, nullptr);
  expect_refusal(bank());
  EXPECT_EQ(patchcore::test::read_whole_file(bank()), "something else");
}

// Settings

TEST_F(PatchCoreTrain, WithoutABankPathItDoesNotStart) {
  g_object_set(element_, "bank", nullptr, nullptr);
  expect_refusal("\"bank\"");
}

TEST_F(PatchCoreTrain, ABankPathInAMissingFolderIsRefusedAtTheStart) {
  g_object_set(element_, "bank", (folder_ / "missing/parts.bank").c_str(), nullptr);
  expect_refusal(folder_ / "missing");
}

TEST_F(PatchCoreTrain, ABankPathThatIsAFolderIsRefusedAtTheStart) {
  g_object_set(element_, "bank", folder_.path().c_str(), nullptr);
  expect_refusal(folder_.path());
}

TEST_F(PatchCoreTrain, MissingWeightsAreRefusedWithTheFoldersThatWereSearched) {
  g_object_set(element_, "weights", nullptr, nullptr);
  g_setenv("PATCHCORE_WEIGHTS_PATH", folder_.path().c_str(), TRUE);
  g_setenv("XDG_DATA_HOME", (folder_ / "home").c_str(), TRUE);
  g_setenv("XDG_DATA_DIRS", (folder_ / "system").c_str(), TRUE);
  expect_refusal(folder_.path());
  g_unsetenv("PATCHCORE_WEIGHTS_PATH");
  g_unsetenv("XDG_DATA_HOME");
  g_unsetenv("XDG_DATA_DIRS");
}

TEST_F(PatchCoreTrain, AWeightsFileThatIsNotThereIsRefused) {
  g_object_set(element_, "weights", (folder_ / "none.pth").c_str(), nullptr);
  expect_refusal("none.pth");
}

TEST_F(PatchCoreTrain, AnUnknownBackboneIsRefused) {
  g_object_set(element_, "backbone", "resnet19", nullptr);
  expect_refusal("resnet19");
}

TEST_F(PatchCoreTrain, AnUnknownLayerIsRefused) {
  g_object_set(element_, "layers", "layer2,layer9", nullptr);
  expect_refusal("layer9");
}

TEST_F(PatchCoreTrain, AListOfLayersWithAHoleIsRefused) {
  g_object_set(element_, "layers", "layer2,,layer3", nullptr);
  expect_refusal("layer2,,layer3");
}

TEST_F(PatchCoreTrain, AnEvenPatchSizeIsRefused) {
  g_object_set(element_, "patch-size", 4, nullptr);
  expect_refusal("4");
}

TEST_F(PatchCoreTrain, ADeviceThatIsNotThereIsRefused) {
  g_object_set(element_, "device", "cuda:999", nullptr);
  expect_refusal("cuda:999");
}

TEST_F(PatchCoreTrain, AnInputSizeThatIsNoneIsRefused) {
  g_object_set(element_, "input-size", "big", nullptr);
  expect_refusal("big");
}

TEST_F(PatchCoreTrain, ACropThatIsNoneIsRefused) {
  g_object_set(element_, "crop", "middle", nullptr);
  expect_refusal("middle");
}

// States

TEST_F(PatchCoreTrain, LeavingPausedCancelsTheBuildAndLeavesNoFile) {
  patchcore::test::write_whole_file(bank(), "the bank before");
  g_object_set(element_, "sampler", 2, "coreset-ratio", 1.0, "max-patches", 0U, nullptr);
  play();
  push(20);
  log_.hold_back_at("coreset");
  auto end_of_stream = std::async(std::launch::async, [&] { return end(); });
  ASSERT_TRUE(log_.wait_until_held_back());

  auto stop =
      std::async(std::launch::async, [&] { gst_element_set_state(element_, GST_STATE_NULL); });
  while (GST_STATE_TARGET(element_) != GST_STATE_NULL) std::this_thread::yield();
  log_.release();
  stop.get();
  end_of_stream.get();
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_CANCELED);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_EQ(log_.trained(), nullptr);
  EXPECT_EQ(files(), std::vector<std::string>{"parts.bank"});
  EXPECT_EQ(patchcore::test::read_whole_file(bank()), "the bank before");
}

TEST_F(PatchCoreTrain, LeavingPausedWhileTheFileIsWrittenLeavesNoFile) {
  play();
  push(3);
  log_.hold_back_at("writing");
  finish();
  ASSERT_TRUE(log_.wait_until_held_back());
  auto stop =
      std::async(std::launch::async, [&] { gst_element_set_state(element_, GST_STATE_NULL); });
  // The trainer is told to end before the pads are.
  GstPad* pad = gst_element_get_static_pad(element_, "sink");
  while (!GST_PAD_IS_FLUSHING(pad)) std::this_thread::yield();
  gst_object_unref(pad);
  log_.release();
  stop.get();
  EXPECT_EQ(log_.trained(), nullptr);
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, LeavingPausedWhileCollectingLeavesNoFile) {
  play();
  push(2);
  EXPECT_EQ(collected(2), 2U);
  gst_element_set_state(element_, GST_STATE_NULL);
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_CANCELED);
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, SettingsAndCountsOutliveTheRun) {
  play();
  push(2);
  EXPECT_TRUE(end());
  const guint64 bank_patches = count("bank-patches");
  gst_element_set_state(element_, GST_STATE_NULL);
  EXPECT_EQ(count("frames"), 2U);
  EXPECT_EQ(count("bank-patches"), bank_patches);
  gchar* path = nullptr;
  g_object_get(element_, "bank", &path, nullptr);
  EXPECT_EQ(path, bank());
  g_free(path);
}

TEST_F(PatchCoreTrain, ANewRunTrainsAnew) {
  GstElement* pipeline = make_pipeline(3);
  ASSERT_NE(pipeline, nullptr);
  for (int run = 0; run < 2; ++run) {
    SCOPED_TRACE(run);
    MessageLog log;
    log.attach(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    EXPECT_TRUE(log.wait_for(GST_MESSAGE_EOS));
    gint64 frames = 0;
    ASSERT_NE(log.trained(), nullptr);
    EXPECT_TRUE(gst_structure_get_int64(log.trained(), "frames", &frames));
    EXPECT_EQ(frames, 3);
    EXPECT_TRUE(bank_exists());
    gst_element_set_state(pipeline, GST_STATE_NULL);
    std::filesystem::remove(bank());
    log.detach(pipeline);
  }
  gst_object_unref(pipeline);
}

TEST_F(PatchCoreTrain, StatesMayGoUpAndDownManyTimes) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_NE(gst_element_set_state(element_, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    ASSERT_EQ(gst_element_set_state(element_, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U);
}

TEST_F(PatchCoreTrain, AStartThatFailsMayBeTriedManyTimes) {
  g_object_set(element_, "bank", nullptr, nullptr);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(gst_element_set_state(element_, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    ASSERT_EQ(gst_element_set_state(element_, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
  g_object_set(element_, "bank", bank().c_str(), nullptr);
  EXPECT_NE(gst_element_set_state(element_, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
}

}  // namespace
