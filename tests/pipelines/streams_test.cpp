// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects applications with many live streams that come and go: whole pipelines that start, stop,
// flush, seek, end and are built anew in every order and while frames are being scored.
#include <gst/gst.h>
#include <gst/patchcore/patchcore.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::test::TemporaryFolder;

constexpr GstState null_state = GST_STATE_NULL;
constexpr GstClockTime long_time = 60 * GST_SECOND;

/// What passed a pad.
struct Passed {
  GstClockTime pts = 0;
  GstPatchCoreResult result = GST_PATCH_CORE_RESULT_NONE;
  GstClockTime scored_pts = 0;
  int width = 0;  ///< that was inspected
  std::string bank;
};

/// A pipeline of gst-launch's syntax that is always taken down.
class Pipeline {
 public:
  explicit Pipeline(const std::string& description)
      : pipeline_(gst_parse_launch(description.c_str(), nullptr)),
        bus_(gst_element_get_bus(pipeline_)) {}
  ~Pipeline() {
    EXPECT_EQ(gst_element_set_state(pipeline_, null_state), GST_STATE_CHANGE_SUCCESS);
    if (watched_ != nullptr) {
      gst_pad_remove_probe(watched_, probe_);
      gst_object_unref(watched_);
    }
    gst_object_unref(bus_);
    gst_object_unref(pipeline_);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() { return pipeline_; }

  GstElement* element(const char* name) {
    GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline_), name);
    gst_object_unref(element);  // the pipeline keeps it
    return element;
  }

  /// Changes the state and waits for that.
  GstStateChangeReturn set_state(GstState state) {
    if (gst_element_set_state(pipeline_, state) == GST_STATE_CHANGE_FAILURE)
      return GST_STATE_CHANGE_FAILURE;
    return gst_element_get_state(pipeline_, nullptr, nullptr, long_time);
  }

  void play() { EXPECT_NE(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE); }

  /// Plays to the end.
  void run() {
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
    EXPECT_EQ(wait_for_end(), GST_MESSAGE_EOS);
  }

  /// The type of the message that came: EOS, ERROR or neither.
  GstMessageType wait_for_end() {
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus_, long_time, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    if (message == nullptr) return GST_MESSAGE_UNKNOWN;
    const GstMessageType type = GST_MESSAGE_TYPE(message);
    gst_message_unref(message);
    return type;
  }

  bool has_failed() {
    GstMessage* message = gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR);
    if (message == nullptr) return false;
    gst_message_unref(message);
    return true;
  }

  /// Keeps what leaves the element of that name.
  void watch(const char* name) {
    watched_ = gst_element_get_static_pad(element(name), "src");
    probe_ = gst_pad_add_probe(watched_, GST_PAD_PROBE_TYPE_BUFFER, keep, this, nullptr);
  }

  std::vector<Passed> passed() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return passed_;
  }
  void forget_passed() {
    const std::lock_guard<std::mutex> lock(mutex_);
    passed_.clear();
  }

  /// Waits until as many frames have passed that @p condition holds for.
  bool wait_for_frames(
      std::size_t count,
      const std::function<bool(const Passed&)>& condition = [](const Passed&) { return true; }) {
    for (int i = 0; i < 6000; ++i) {
      std::size_t found = 0;
      for (const Passed& frame : passed()) found += condition(frame) ? 1 : 0;
      if (found >= count) return true;
      g_usleep(10000);
    }
    return false;
  }

 private:
  static GstPadProbeReturn keep(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto& self = *static_cast<Pipeline*>(data);
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer);
    EXPECT_NE(meta, nullptr);
    if (meta == nullptr) return GST_PAD_PROBE_OK;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    self.passed_.push_back({GST_BUFFER_PTS(buffer), meta->result, meta->scored_pts,
                            meta->inspected_width, meta->bank ? meta->bank : ""});
    return GST_PAD_PROBE_OK;
  }

  GstElement* pipeline_;
  GstBus* bus_;
  GstPad* watched_ = nullptr;
  gulong probe_ = 0;
  std::mutex mutex_;
  std::vector<Passed> passed_;  ///< guarded by the mutex
};

std::string caps(int width, int height, int rate) {
  return "video/x-raw,format=RGB,width=" + std::to_string(width) +
         ",height=" + std::to_string(height) + ",framerate=" + std::to_string(rate) + "/1";
}

/// While it lives, engines that start take at least so long for a frame.
class SlowEngine {
 public:
  explicit SlowEngine(int milliseconds) {
    g_setenv("PATCHCORE_TEST_FRAME_MS", std::to_string(milliseconds).c_str(), TRUE);
  }
  ~SlowEngine() { g_unsetenv("PATCHCORE_TEST_FRAME_MS"); }
};

class Streams : public ::testing::Test {
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

  static std::string detect(const std::string& properties = "") {
    return " ! patchcoredetect name=detect threads=1 bank=" + *bank_ + " " + properties;
  }

  static TemporaryFolder* folder_;
  static std::string* bank_;
};

TemporaryFolder* Streams::folder_ = nullptr;
std::string* Streams::bank_ = nullptr;

// Up to each state and back, and across, while frames are being scored.
TEST_F(Streams, EveryStateChangeFiftyTimes) {
  const std::vector<std::vector<GstState>> ways = {
      {GST_STATE_READY, null_state},
      {GST_STATE_PAUSED, null_state},
      {GST_STATE_PLAYING, null_state},
      {GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_PLAYING, GST_STATE_READY},
      {GST_STATE_PAUSED, GST_STATE_READY, GST_STATE_PLAYING, GST_STATE_PAUSED, null_state}};
  for (const char* mode : {"every", "newest"}) {
    Pipeline pipeline("videotestsrc ! " + caps(64, 48, 30) + detect(std::string("mode=") + mode) +
                      " ! fakesink sync=true");
    for (int i = 0; i < 50; ++i) {
      for (const GstState state : ways[static_cast<std::size_t>(i) % ways.size()])
        ASSERT_EQ(pipeline.set_state(state), GST_STATE_CHANGE_SUCCESS) << mode << " " << i;
    }
    EXPECT_FALSE(pipeline.has_failed());
  }
}

TEST_F(Streams, EveryStateChangeFiftyTimesWithoutABank) {
  Pipeline pipeline("videotestsrc ! " + caps(64, 48, 30) +
                    " ! patchcoredetect bank=/no/such/bank ! fakesink");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(pipeline.set_state(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(pipeline.set_state(i % 2 == 0 ? GST_STATE_PAUSED : GST_STATE_PLAYING),
              GST_STATE_CHANGE_FAILURE);
    EXPECT_TRUE(pipeline.has_failed());
    EXPECT_EQ(pipeline.set_state(null_state), GST_STATE_CHANGE_SUCCESS);
  }
}

TEST_F(Streams, SeeksInTheMiddleOfInference) {
  const SlowEngine slow(20);
  for (const char* mode : {"every", "newest"}) {
    Pipeline pipeline("videotestsrc ! " + caps(64, 48, 100) + detect(std::string("mode=") + mode) +
                      " ! fakesink sync=true");
    pipeline.watch("detect");
    pipeline.play();
    for (int i = 1; i <= 10; ++i) {
      ASSERT_TRUE(pipeline.wait_for_frames(2));
      const GstClockTime to = static_cast<GstClockTime>(i) * 100 * GST_SECOND;
      ASSERT_TRUE(gst_element_seek_simple(
          pipeline.get(), GST_FORMAT_TIME,
          static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
          static_cast<gint64>(to)));
      // A seek that flushes returns when nothing of before can come any more.
      pipeline.forget_passed();
      ASSERT_TRUE(pipeline.wait_for_frames(
          1, [](const Passed& frame) { return frame.result != GST_PATCH_CORE_RESULT_NONE; }));
      for (const Passed& frame : pipeline.passed()) {
        EXPECT_GE(frame.pts, to);
        EXPECT_TRUE(frame.result == GST_PATCH_CORE_RESULT_NONE || frame.scored_pts >= to);
      }
    }
    EXPECT_FALSE(pipeline.has_failed());
  }
}

// At worst it waits for its frame that is being scored, not for the line before it.
TEST_F(Streams, AStreamStopsWithoutWaitingForItsTurn) {
  const SlowEngine slow(400);
  std::vector<std::unique_ptr<Pipeline>> pipelines;
  for (int i = 0; i < 8; ++i) {
    pipelines.push_back(
        std::make_unique<Pipeline>("videotestsrc num-buffers=3 ! " + caps(64, 48, 30) +
                                   detect("mode=every batch-size=1") + " ! fakesink async=false"));
    pipelines.back()->play();
  }
  g_usleep(100000);
  const GstClockTime before = gst_util_get_timestamp();
  pipelines.pop_back();
  EXPECT_LT(gst_util_get_timestamp() - before, 1800 * GST_MSECOND);  // its turn: after 3200
}

TEST_F(Streams, TheEndMayComeWhileAFrameIsBeingScored) {
  const SlowEngine slow(50);
  for (const char* mode : {"every", "newest"}) {
    for (int i = 0; i < 5; ++i) {
      Pipeline pipeline("videotestsrc is-live=true ! " + caps(64, 48, 60) +
                        detect(std::string("mode=") + mode) + " ! fakesink");
      pipeline.watch("detect");
      pipeline.play();
      ASSERT_TRUE(pipeline.wait_for_frames(1 + static_cast<std::size_t>(i)));
      ASSERT_TRUE(gst_element_send_event(pipeline.get(), gst_event_new_eos()));
      EXPECT_EQ(pipeline.wait_for_end(), GST_MESSAGE_EOS) << mode;
    }
  }
}

TEST_F(Streams, SizesMayChangeWhileFramesAreBeingScored) {
  for (const char* mode : {"every", "newest"}) {
    Pipeline pipeline("videotestsrc is-live=true ! capsfilter name=filter caps=" +
                      caps(64, 48, 100) + detect(std::string("mode=") + mode) + " ! fakesink");
    pipeline.watch("detect");
    pipeline.play();
    for (int i = 0; i < 10; ++i) {
      const int width = i % 2 == 0 ? 96 : 64;
      GstCaps* changed = gst_caps_from_string(caps(width, 48, 100).c_str());
      g_object_set(pipeline.element("filter"), "caps", changed, nullptr);
      gst_caps_unref(changed);
      EXPECT_TRUE(pipeline.wait_for_frames(1, [&](const Passed& frame) {
        return frame.result != GST_PATCH_CORE_RESULT_NONE && frame.width == width;
      })) << mode;
      pipeline.forget_passed();
    }
    EXPECT_FALSE(pipeline.has_failed());
  }
}

TEST_F(Streams, GapsWithoutBuffersPass) {
  GstElement* sink = nullptr;
  Pipeline pipeline("appsrc name=source format=time caps=" + caps(64, 48, 30) +
                    detect("mode=every") + " ! fakesink name=sink sync=false");
  sink = pipeline.element("sink");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  std::atomic<int> gaps{0};
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer count) {
        if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_GAP)
          *static_cast<std::atomic<int>*>(count) += 1;
        return GST_PAD_PROBE_OK;
      },
      &gaps, nullptr);
  gst_object_unref(pad);
  pipeline.watch("detect");
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  GstElement* source = pipeline.element("source");
  for (guint i = 0; i < 6; ++i) {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 64 * 48 * 3, nullptr);
    gst_buffer_memset(buffer, 0, 100, 64 * 48 * 3);
    GST_BUFFER_PTS(buffer) = i * GST_SECOND;
    GstFlowReturn flow = GST_FLOW_ERROR;
    g_signal_emit_by_name(source, "push-buffer", buffer, &flow);
    gst_buffer_unref(buffer);
    EXPECT_EQ(flow, GST_FLOW_OK);
    gst_element_send_event(source,
                           gst_event_new_gap(i * GST_SECOND + GST_SECOND / 2, GST_SECOND / 2));
  }
  GstFlowReturn flow = GST_FLOW_ERROR;
  g_signal_emit_by_name(source, "end-of-stream", &flow);
  EXPECT_EQ(pipeline.wait_for_end(), GST_MESSAGE_EOS);
  EXPECT_EQ(pipeline.passed().size(), 6U);
  EXPECT_EQ(gaps, 6);
}

TEST_F(Streams, SlowAndFastSourcesPassWhole) {
  const SlowEngine slow(30);
  Pipeline fast("videotestsrc is-live=true num-buffers=240 ! " + caps(64, 48, 240) + detect() +
                " ! fakesink");
  Pipeline still("videotestsrc is-live=true num-buffers=3 ! " + caps(64, 48, 1) + detect() +
                 " ! fakesink");
  fast.watch("detect");
  still.watch("detect");
  still.play();
  fast.run();
  EXPECT_EQ(still.wait_for_end(), GST_MESSAGE_EOS);
  EXPECT_EQ(fast.passed().size(), 240U);
  const std::vector<Passed> frames = still.passed();
  ASSERT_EQ(frames.size(), 3U);
  // Time enough to score each before the next one comes.
  EXPECT_EQ(frames[0].result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(frames[1].scored_pts, frames[0].pts);
  EXPECT_EQ(frames[2].scored_pts, frames[1].pts);
}

/// Adds a branch with a detector to the pipeline's tee while it plays.
GstElement* add_branch(Pipeline& pipeline, const std::string& description) {
  GstElement* branch = gst_parse_bin_from_description(description.c_str(), TRUE, nullptr);
  gst_bin_add(GST_BIN(pipeline.get()), branch);
  GstPad* from = gst_element_request_pad_simple(pipeline.element("tee"), "src_%u");
  GstPad* to = gst_element_get_static_pad(branch, "sink");
  EXPECT_TRUE(gst_element_sync_state_with_parent(branch));
  EXPECT_EQ(gst_pad_link(from, to), GST_PAD_LINK_OK);
  gst_object_unref(to);
  gst_object_unref(from);
  return branch;
}

void remove_branch(Pipeline& pipeline, GstElement* branch) {
  GstPad* to = gst_element_get_static_pad(branch, "sink");
  GstPad* from = gst_pad_get_peer(to);
  gst_object_unref(to);
  std::atomic<bool> blocked{false};
  const gulong probe = gst_pad_add_probe(
      from, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM),
      [](GstPad*, GstPadProbeInfo*, gpointer flag) {
        *static_cast<std::atomic<bool>*>(flag) = true;
        return GST_PAD_PROBE_OK;
      },
      &blocked, nullptr);
  while (!blocked) g_usleep(1000);
  to = gst_pad_get_peer(from);
  gst_pad_unlink(from, to);
  gst_object_unref(to);
  gst_pad_remove_probe(from, probe);
  gst_element_release_request_pad(pipeline.element("tee"), from);
  gst_object_unref(from);
  gst_element_set_state(branch, null_state);
  gst_bin_remove(GST_BIN(pipeline.get()), branch);
}

TEST_F(Streams, BranchesComeAndGoWhilePlaying) {
  Pipeline pipeline("videotestsrc is-live=true ! " + caps(64, 48, 100) +
                    " ! tee name=tee allow-not-linked=true tee. ! queue" + detect("mode=newest") +
                    " ! fakesink");
  pipeline.watch("detect");
  pipeline.play();
  std::vector<GstElement*> branches;
  for (int i = 0; i < 12; ++i) {
    branches.push_back(
        add_branch(pipeline, "queue leaky=downstream ! patchcoredetect threads=1 bank=" + *bank_ +
                                 (i % 2 == 0 ? " mode=every" : "") + " ! fakesink async=false"));
    if (i % 3 != 0) {
      remove_branch(pipeline, branches.front());
      branches.erase(branches.begin());
    }
  }
  pipeline.forget_passed();
  EXPECT_TRUE(pipeline.wait_for_frames(
      3, [](const Passed& frame) { return frame.result == GST_PATCH_CORE_RESULT_HELD; }));
  EXPECT_FALSE(pipeline.has_failed());
}

TEST_F(Streams, ABinMayBeUsedAgainInAnotherPipeline) {
  GstElement* bin =
      gst_parse_bin_from_description(("identity" + detect("mode=every")).c_str(), TRUE, nullptr);
  gst_object_ref_sink(bin);
  for (int i = 0; i < 5; ++i) {
    Pipeline pipeline("videotestsrc name=source num-buffers=3 ! capsfilter name=filter caps=" +
                      caps(64, 48, 30) + " fakesink name=sink");
    gst_bin_add(GST_BIN(pipeline.get()), bin);
    EXPECT_TRUE(
        gst_element_link_many(pipeline.element("filter"), bin, pipeline.element("sink"), nullptr));
    pipeline.watch("detect");
    pipeline.run();
    EXPECT_EQ(pipeline.passed().size(), 3U);
    pipeline.set_state(null_state);
    gst_bin_remove(GST_BIN(pipeline.get()), bin);
  }
  gst_object_unref(bin);
}

TEST_F(Streams, PipelinesWithDifferentBackbonesKeepTheirResults) {
  const std::string other_bank = patchcore::test::write_other_tiny_bank(folder_->path());
  const std::string source = "videotestsrc num-buffers=20 ! " + caps(64, 48, 100);
  Pipeline one(source + detect("mode=every") + " ! fakesink");
  Pipeline two(source + " ! patchcoredetect name=detect threads=1 mode=every bank=" + other_bank +
               " ! fakesink");
  one.watch("detect");
  two.watch("detect");
  one.play();
  two.run();
  EXPECT_EQ(one.wait_for_end(), GST_MESSAGE_EOS);
  std::set<std::string> banks;
  for (Pipeline* pipeline : {&one, &two}) {
    const std::vector<Passed> frames = pipeline->passed();
    ASSERT_EQ(frames.size(), 20U);
    for (const Passed& frame : frames) {
      EXPECT_EQ(frame.result, GST_PATCH_CORE_RESULT_FRESH);
      EXPECT_EQ(frame.bank, frames[0].bank);
    }
    banks.insert(frames[0].bank);
  }
  EXPECT_EQ(banks.size(), 2U);
}

// Applications start, flush and stop their streams from threads of their own, in any order, and
// some of them fail.
TEST_F(Streams, StreamsThatShareAnEngineComeFailAndGoInAnyOrder) {
  std::atomic<std::size_t> frames{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&frames, i] {
      for (int round = 0; round < 6; ++round) {
        const bool fails = i == 5 && round % 2 == 0;
        Pipeline pipeline("videotestsrc is-live=" + std::string(i % 2 == 0 ? "true" : "false") +
                          " ! " + caps(i % 3 == 0 ? 96 : 64, 48, 100) +
                          (fails ? " ! patchcoredetect name=detect bank=/no/such/bank" : detect()) +
                          " ! fakesink sync=true");
        pipeline.watch("detect");
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        if (fails) {
          EXPECT_EQ(pipeline.wait_for_end(), GST_MESSAGE_ERROR);
          continue;
        }
        EXPECT_TRUE(pipeline.wait_for_frames(static_cast<std::size_t>(1 + (i + round) % 5)));
        if (round % 3 == 1) {
          gst_element_send_event(pipeline.get(), gst_event_new_flush_start());
          gst_element_send_event(pipeline.get(), gst_event_new_flush_stop(TRUE));
        }
        EXPECT_FALSE(pipeline.has_failed());
        frames += pipeline.passed().size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(frames, 6U * 6U);
}

/// What results of a bank call it.
std::string checksum_of(const std::string& bank) {
  Pipeline pipeline("videotestsrc ! " + caps(64, 48, 100) +
                    " ! patchcoredetect name=detect bank=" + bank + " ! fakesink");
  EXPECT_EQ(pipeline.set_state(GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
  GstStructure* info = nullptr;
  g_object_get(pipeline.element("detect"), "bank-info", &info, nullptr);
  const std::string checksum = gst_structure_get_string(info, "checksum");
  gst_structure_free(info);
  return checksum;
}

// Each for itself, while others use the bank that it leaves, and as states change.
TEST_F(Streams, StreamsThatShareAnEngineChangeTheirBanks) {
  const std::string banks[] = {*bank_, patchcore::test::write_other_tiny_bank(folder_->path())};
  const std::string checksums[] = {checksum_of(banks[0]), checksum_of(banks[1])};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&banks, &checksums, i] {
      Pipeline pipeline("videotestsrc is-live=" + std::string(i % 2 == 0 ? "true" : "false") +
                        " ! " + caps(64, 48, 100) + detect() + " ! fakesink sync=true");
      pipeline.watch("detect");
      pipeline.play();
      for (int round = 0; round < 12; ++round) {
        const int which = (round + 1) % 2;
        pipeline.forget_passed();
        g_object_set(pipeline.element("detect"), "bank", banks[which].c_str(), "watch-bank",
                     round % 3 == i % 3, nullptr);
        if (round % 4 == i) continue;  // the next one comes while this one is being loaded
        if (round == 6) {
          EXPECT_EQ(pipeline.set_state(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
          pipeline.play();
        }
        EXPECT_TRUE(pipeline.wait_for_frames(
            1, [&](const Passed& frame) { return frame.bank == checksums[which]; }));
      }
      EXPECT_FALSE(pipeline.has_failed());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
