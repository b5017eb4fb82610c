// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what an application does with a run of patchcoretrain: finish, pause, resume and cancel
// it, at any time and from any thread, and see how far it is.
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/bank_file.h"
#include "tests/gst/message_log.h"
#include "tests/gst/train_fixture.h"
#include "tests/support/temporary_folder.h"

namespace {

using patchcore::test::PatchCoreTrain;

/// The names of the phases, one for each notification.
class PhaseLog {
 public:
  explicit PhaseLog(GstElement* element) : element_(element) {
    handler_ = g_signal_connect(element, "notify::phase", G_CALLBACK(&PhaseLog::notified), this);
  }
  ~PhaseLog() { g_signal_handler_disconnect(element_, handler_); }
  PhaseLog(const PhaseLog&) = delete;
  PhaseLog& operator=(const PhaseLog&) = delete;

  std::vector<std::string> phases() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return phases_;
  }

  static std::string of(GstElement* element) {
    GValue value = G_VALUE_INIT;
    g_object_get_property(G_OBJECT(element), "phase", &value);
    const auto* of_type = static_cast<GEnumClass*>(g_type_class_peek(G_VALUE_TYPE(&value)));
    return g_enum_get_value(const_cast<GEnumClass*>(of_type), g_value_get_enum(&value))->value_nick;
  }

 private:
  static void notified(GObject* element, GParamSpec*, gpointer data) {
    auto* log = static_cast<PhaseLog*>(data);
    const std::lock_guard<std::mutex> lock(log->mutex_);
    log->phases_.push_back(of(GST_ELEMENT(element)));
  }

  GstElement* element_;
  gulong handler_;
  mutable std::mutex mutex_;
  std::vector<std::string> phases_;  // guarded by the mutex
};

using Phases = std::vector<std::string>;

std::size_t threads_of_this_process() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    ++count;
  return count;
}

// Finish

TEST_F(PatchCoreTrain, FinishBuildsWhileFramesPassAndTheEndWaits) {
  play();
  push(3);
  log_.hold_back_at("coreset");
  finish();
  ASSERT_TRUE(log_.wait_until_held_back());
  push(4, 3);

  auto end_of_stream = std::async(std::launch::async, [&] { return end(); });
  EXPECT_FALSE(ended());
  log_.release();
  EXPECT_TRUE(end_of_stream.get());
  EXPECT_TRUE(ended());
  EXPECT_TRUE(bank_exists());
  EXPECT_EQ(count("frames"), 3U);
  EXPECT_EQ(log_.count(GST_MESSAGE_ELEMENT), 1U);
}

TEST_F(PatchCoreTrain, AnEndAfterFinishBuildsNoSecondBank) {
  play();
  push(3);
  finish();
  ASSERT_TRUE(log_.wait_for(GST_MESSAGE_ELEMENT));
  push(2, 3);
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.count(GST_MESSAGE_ELEMENT), 1U);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U);
}

TEST_F(PatchCoreTrain, FinishIsIgnoredWithAWarningWhereThereIsNothingToFinish) {
  const auto ignored = [&] {
    finish();
    return log_.complaint(GST_MESSAGE_WARNING).text;
  };
  EXPECT_NE(ignored().find("no training is under way"), std::string::npos);
  log_.clear();
  play();
  EXPECT_NE(ignored().find("no frame was collected"), std::string::npos);
  push(3);
  log_.clear();
  log_.hold_back_at("coreset");
  finish();
  ASSERT_TRUE(log_.wait_until_held_back());
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 0U);
  EXPECT_NE(ignored().find("finished already"), std::string::npos);
  log_.release();
  EXPECT_TRUE(end());
  log_.clear();
  EXPECT_NE(ignored().find("finished already"), std::string::npos);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, PauseLetsFramesPassUncollectedUntilResume) {
  play();
  push(2);
  signal("pause");
  push(3, 2);
  signal("pause");
  push(1, 5);
  EXPECT_EQ(collected(2), 2U);
  signal("resume");
  push(2, 6);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 4U);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U);
}

TEST_F(PatchCoreTrain, APausedRunMayBeFinished) {
  play();
  push(2);
  signal("pause");
  finish();
  ASSERT_TRUE(log_.wait_for(GST_MESSAGE_ELEMENT));
  EXPECT_EQ(count("frames"), 2U);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, ANewRunIsNotPaused) {
  play();
  signal("pause");
  gst_element_set_state(element_, GST_STATE_READY);
  play_again();
  push(1);
  EXPECT_EQ(collected(1), 1U);
}

TEST_F(PatchCoreTrain, CancelDropsWhatWasCollectedAndFramesGoOn) {
  patchcore::test::write_whole_file(bank(), "the bank before");
  play();
  push(3);
  EXPECT_EQ(collected(3), 3U);
  signal("cancel");
  push(2, 3);
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_CANCELED);
  EXPECT_EQ(log_.trained(), nullptr);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_EQ(files(), std::vector<std::string>{"parts.bank"});
  EXPECT_EQ(patchcore::test::read_whole_file(bank()), "the bank before");
}

TEST_F(PatchCoreTrain, CancelEndsABuildAndTheEndComes) {
  play();
  push(10);
  log_.hold_back_at("coreset");
  finish();
  ASSERT_TRUE(log_.wait_until_held_back());
  signal("cancel");
  push(2, 10);
  log_.release();
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_CANCELED);
  EXPECT_EQ(log_.trained(), nullptr);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, CancelLetsAFrameThatWaitsForAPlacePass) {
  play();
  log_.hold_back_at("collecting");
  push(1);
  ASSERT_TRUE(log_.wait_until_held_back());
  push(8, 1);
  auto waiting =
      std::async(std::launch::async, [&] { return gst_harness_push(harness_, frame(9)); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  signal("cancel");
  EXPECT_EQ(waiting.get(), GST_FLOW_OK);
  push(1, 10);
  log_.release();
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.progress().back().type, GST_PROGRESS_TYPE_CANCELED);
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, CancelBeforeTheFirstFrameMakesTheEndHarmless) {
  play();
  signal("cancel");
  push(2);
  EXPECT_TRUE(end());
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
  EXPECT_EQ(log_.count(GST_MESSAGE_WARNING), 0U);
  EXPECT_EQ(count("frames"), 0U);
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, SignalsAreIgnoredWithAWarningWhereTheyMeanNothing) {
  const auto ignored = [&](const char* name, const char* reason) {
    log_.clear();
    signal(name);
    const std::string text = log_.complaint(GST_MESSAGE_WARNING).text;
    EXPECT_NE(text.find(name), std::string::npos) << text;
    EXPECT_NE(text.find(reason), std::string::npos) << name << ": " << text;
  };
  for (const char* name : {"pause", "resume", "cancel"}) ignored(name, "no training is under way");
  play();
  push(3);
  finish();
  EXPECT_TRUE(end());
  for (const char* name : {"pause", "resume", "cancel"}) ignored(name, "finished already");
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, PauseIsIgnoredWithAWarningOnceAllFramesAreThere) {
  g_object_set(element_, "max-frames", 2U, nullptr);
  play();
  push(3);
  EXPECT_EQ(PhaseLog::of(element_), "collected");
  signal("pause");
  const std::string text = log_.complaint(GST_MESSAGE_WARNING).text;
  EXPECT_NE(text.find("max-frames"), std::string::npos) << text;
  EXPECT_EQ(PhaseLog::of(element_), "collected");
}

TEST_F(PatchCoreTrain, AnEndWhilePausedBuildsFromWhatWasCollected) {
  play();
  push(3);
  signal("pause");
  push(2, 3);
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 3U);
  EXPECT_NE(log_.trained(), nullptr);
  EXPECT_TRUE(bank_exists());
}

TEST_F(PatchCoreTrain, AnEndWhilePausedBeforeTheFirstFrameIsAnError) {
  play();
  signal("pause");
  push(2);
  EXPECT_TRUE(end());
  EXPECT_TRUE(ended());
  EXPECT_NE(log_.complaint(GST_MESSAGE_ERROR).text.find("no frame"), std::string::npos);
  EXPECT_EQ(PhaseLog::of(element_), "failed");
  EXPECT_TRUE(files().empty());
}

TEST_F(PatchCoreTrain, APauseDoesNotMoveTheInterval) {
  g_object_set(element_, "interval", 3U, nullptr);
  play();
  push(2);  // the first is collected
  signal("pause");
  push(5, 2);
  signal("resume");
  push(2, 7);  // the second is collected
  EXPECT_TRUE(end());
  EXPECT_EQ(count("frames"), 2U);
}

// The phase

TEST_F(PatchCoreTrain, EveryPhaseIsNotifiedOnce) {
  const PhaseLog phases(element_);
  EXPECT_EQ(PhaseLog::of(element_), "stopped");
  play();
  push(2);
  signal("pause");
  signal("pause");
  push(2, 2);
  signal("resume");
  push(2, 4);
  signal("pause");
  log_.hold_back_at("coreset");
  finish();
  log_.release();
  EXPECT_TRUE(end());
  gst_element_set_state(element_, GST_STATE_READY);
  EXPECT_EQ(phases.phases(), Phases({"collecting", "paused", "collecting", "paused", "building",
                                     "done", "stopped"}));
}

TEST_F(PatchCoreTrain, ThePhaseTellsHowTheRunEnded) {
  play();
  push(2);
  signal("cancel");
  EXPECT_TRUE(end());
  EXPECT_EQ(PhaseLog::of(element_), "cancelled");
  gst_element_set_state(element_, GST_STATE_READY);
  play_again();
  signal("cancel");
  EXPECT_EQ(PhaseLog::of(element_), "cancelled");
  gst_element_set_state(element_, GST_STATE_READY);
  g_object_set(element_, "max-frames", 1U, "neighbours", 100000, nullptr);
  play_again();
  push(2);
  EXPECT_EQ(PhaseLog::of(element_), "collected");
  EXPECT_TRUE(end());
  EXPECT_EQ(PhaseLog::of(element_), "failed");
  gst_element_set_state(element_, GST_STATE_READY);
  EXPECT_EQ(PhaseLog::of(element_), "stopped");
}

TEST_F(PatchCoreTrain, AHandlerMayEmitSignals) {
  // Cancels from the thread that told of the building.
  g_signal_connect(element_, "notify::phase",
                   G_CALLBACK(+[](GstElement* element, GParamSpec*, gpointer) {
                     if (PhaseLog::of(element) == "building") {
                       g_signal_emit_by_name(element, "cancel");
                     }
                   }),
                   nullptr);
  play();
  push(3);
  finish();
  EXPECT_TRUE(end());
  EXPECT_EQ(PhaseLog::of(element_), "cancelled");
  EXPECT_EQ(log_.trained(), nullptr);
  EXPECT_TRUE(files().empty());
}

// Threads

TEST_F(PatchCoreTrain, SignalsMayComeFromSeveralThreadsAtAnyTime) {
  const PhaseLog phases(element_);
  for (int run = 0; run < 5; ++run) {
    SCOPED_TRACE(run);
    std::filesystem::remove(bank());
    if (run == 0) {
      play();
    } else {
      gst_element_set_state(element_, GST_STATE_READY);
      play_again();
    }
    // Otherwise a finish, or the end, may find nothing.
    push(1);
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        std::minstd_rand random(100 * static_cast<unsigned>(run) + thread + 1);
        while (!over) {
          signal(random() % 2 == 0 ? "pause" : "resume");
          count("frames");
          if (random() % 64 == 0) signal(run % 2 == 0 ? "finish" : "cancel");
          std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        }
      });
    }
    push(40, 1);
    EXPECT_TRUE(end());
    over = true;
    for (std::thread& thread : threads) thread.join();
    const std::string phase = PhaseLog::of(element_);
    EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
    EXPECT_TRUE(phase == "done" || phase == "cancelled") << phase;
    EXPECT_EQ(bank_exists(), phase == "done");
    EXPECT_EQ(files().size(), phase == "done" ? 1U : 0U);
  }
}

TEST_F(PatchCoreTrain, GoingDownDuringTheBuildLeavesNoTemporaryFileAndNoThread) {
  g_object_set(element_, "coreset-ratio", 0.5, nullptr);
  play();
  std::size_t threads = 0;
  int complete = 0;
  for (int cycle = 0; cycle < 24; ++cycle) {
    SCOPED_TRACE(cycle);
    if (cycle > 0) play_again();
    push(8);
    finish();
    // The build takes about as long as the last waits.
    std::this_thread::sleep_for(std::chrono::milliseconds(cycle * cycle / 4));
    ASSERT_EQ(gst_element_set_state(element_, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    for (const std::string& file : files()) EXPECT_EQ(file, "parts.bank");
    if (bank_exists()) {
      ++complete;
      EXPECT_NO_THROW(patchcore::read_bank_file(bank()));
      std::filesystem::remove(bank());
    }
    if (cycle == 3) threads = threads_of_this_process();
  }
  EXPECT_EQ(threads_of_this_process(), threads);
  EXPECT_LT(complete, 24);
  EXPECT_EQ(log_.count(GST_MESSAGE_ERROR), 0U) << log_.complaint(GST_MESSAGE_ERROR).text;
}

}  // namespace
