// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects streams whose bank is changed while they play: no frame is lost or waits for the load,
// every result names the bank that it came from, and what cannot be used changes nothing.
#include <gst/check/gstharness.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/detector.h"
#include "core/trainer.h"
#include "tests/gst/element_harness.h"
#include "tests/gst/video_frames.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::test::Buffer;
using patchcore::test::Complaint;
using patchcore::test::ElementHarness;
using patchcore::test::make_frame;
using patchcore::test::make_info;
using patchcore::test::Messages;
using patchcore::test::TemporaryFolder;
using patchcore::test::write_whole_file;

/// A bank file, and what results of it say.
struct Bank {
  std::string path;
  std::string checksum;
  double threshold = 0;
};

/// A started detector between two pads, and its bus. The harness says that it is live.
class Running : public ElementHarness {
 public:
  explicit Running(const std::string& properties)
      : ElementHarness("patchcoredetect threads=1 overlay=none " + properties) {
    set_size({64, 48});
  }

  void set_size(patchcore::Size size) {
    info_ = make_info(GST_VIDEO_FORMAT_RGB, size);
    set_caps(info_);
  }

  /// What a frame says once it has passed. Map and regions are gone.
  struct Passed {
    GstPatchCoreMeta meta{};
    std::string bank;  ///< empty: without a result
    GstClockTime pts = GST_CLOCK_TIME_NONE;
  };
  Passed pass(bool defect = false) {
    EXPECT_EQ(ElementHarness::push(make_frame(info_, defect, frames_++)), GST_FLOW_OK);
    const Buffer out = pull();
    EXPECT_NE(out, nullptr);
    if (out == nullptr) return {};
    const GstPatchCoreMeta& meta = *gst_buffer_get_patch_core_meta(out.get());
    return {meta, meta.bank != nullptr ? meta.bank : "", GST_BUFFER_PTS(out.get())};
  }

  guint frames() const { return frames_; }

  void set_bank(const std::string& path) { g_object_set(element(), "bank", path.c_str(), nullptr); }

  /// Passes frames until there is a message of this name; the frames, the last of which it came
  /// with.
  std::vector<Passed> pass_until_swapped() {
    std::vector<Passed> passed;
    for (int i = 0; i < 60000; ++i) {
      passed.push_back(pass());
      if (!log().take(GST_MESSAGE_ELEMENT, "patchcore-bank").empty()) return passed;
      g_usleep(1000);
    }
    ADD_FAILURE() << "no other bank";
    return passed;
  }

  /// Passes frames until one has a result; that frame.
  Passed pass_until_result() {
    for (int i = 0; i < 60000; ++i) {
      const Passed passed = pass();
      if (passed.meta.result != GST_PATCH_CORE_RESULT_NONE) return passed;
      g_usleep(1000);
    }
    ADD_FAILURE() << "no result";
    return {};
  }

  /// Waits, without any frame.
  Complaint wait_for_warning() {
    EXPECT_TRUE(log().wait_for(GST_MESSAGE_WARNING));
    const Complaint warning = log().complaint(GST_MESSAGE_WARNING);
    log().take(GST_MESSAGE_WARNING);
    return warning;
  }

  /// A field of one of the two structures.
  std::string text(const char* property, const char* field) {
    GstStructure* structure = nullptr;
    g_object_get(element(), property, &structure, nullptr);
    if (structure == nullptr) return "none";
    const gchar* value = gst_structure_get_string(structure, field);
    const std::string result = value != nullptr ? value : "unset";
    gst_structure_free(structure);
    return result;
  }
  std::string bank_in_use() { return text("bank-info", "checksum"); }

  guint64 stat(const char* name) {
    GstStructure* stats = nullptr;
    g_object_get(element(), "stats", &stats, nullptr);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats, name, &value)) << name;
    gst_structure_free(stats);
    return value;
  }

 private:
  GstVideoInfo info_{};
  guint frames_ = 0;
};

class PatchCoreDetectBank : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    const std::string weights = patchcore::test::write_tiny_weights(folder_->path());
    patchcore::TrainerOptions options = patchcore::test::tiny_trainer_options(weights);
    first_ = new Bank(write("first", options, 10));
    second_ = new Bank(write("second", options, 6));
    options.input_size = "320x320";
    options.coreset.sampler = patchcore::SamplerKind::random;
    options.coreset.max_patches = 3000;
    heavy_ = new Bank(write("heavy", options, 3));
  }
  static void TearDownTestSuite() {
    delete heavy_;
    delete second_;
    delete first_;
    delete folder_;
  }

  /// Trained on so many pictures.
  static Bank write(const std::string& name, const patchcore::TrainerOptions& options, int pictures,
                    patchcore::Size size = {64, 48}) {
    patchcore::Trainer trainer(options);
    for (int i = 0; i < pictures; ++i) trainer.add(patchcore::test::StripedPicture(i, size).view());
    Bank bank;
    bank.path = patchcore::test::build_and_wait(trainer, *folder_ / (name + ".bank")).path;
    const patchcore::BankSummary summary = patchcore::Detector(bank.path, {}).bank();
    bank.checksum = summary.checksum;
    bank.threshold = summary.threshold;
    return bank;
  }

  static std::string bank(const Bank& bank) { return "bank=" + bank.path + " "; }

  static TemporaryFolder* folder_;
  static Bank* first_;
  static Bank* second_;
  static Bank* heavy_;  ///< with index=faiss-hnsw it takes long to load
};

TemporaryFolder* PatchCoreDetectBank::folder_ = nullptr;
Bank* PatchCoreDetectBank::first_ = nullptr;
Bank* PatchCoreDetectBank::second_ = nullptr;
Bank* PatchCoreDetectBank::heavy_ = nullptr;

TEST_F(PatchCoreDetectBank, AnotherBankComesIntoUseBetweenTwoFrames) {
  Running running(bank(*first_) + "mode=every");
  EXPECT_EQ(running.pass().bank, first_->checksum);
  running.set_bank(second_->path);
  const std::vector<Running::Passed> passed = running.pass_until_swapped();
  for (std::size_t i = 0; i < passed.size(); ++i) {
    const Bank& expected = i + 1 < passed.size() ? *first_ : *second_;
    EXPECT_EQ(passed[i].meta.result, GST_PATCH_CORE_RESULT_FRESH);
    EXPECT_EQ(passed[i].bank, expected.checksum);
    EXPECT_EQ(passed[i].meta.threshold, expected.threshold);
  }
  EXPECT_EQ(running.stat("scored"), running.frames());
  EXPECT_TRUE(running.log().take(GST_MESSAGE_WARNING).empty());
}

TEST_F(PatchCoreDetectBank, TheApplicationIsToldWhichBankIsInUse) {
  Running running(bank(*first_) + "mode=every");
  int notified = 0;
  g_signal_connect(running.element(), "notify::bank-info",
                   G_CALLBACK(+[](GObject*, GParamSpec*, int* count) { ++*count; }), &notified);
  EXPECT_EQ(running.bank_in_use(), first_->checksum);
  EXPECT_EQ(running.text("bank-info", "location"), first_->path);
  EXPECT_EQ(running.text("stats", "bank"), first_->checksum);
  EXPECT_EQ(running.stat("swaps"), 0U);

  running.set_bank(second_->path);
  Messages posted;
  Running::Passed last;
  while (posted.empty()) {
    last = running.pass();
    posted = running.log().take(GST_MESSAGE_ELEMENT, "patchcore-bank");
  }
  ASSERT_EQ(posted.size(), 1U);
  const GstStructure* fields = gst_message_get_structure(posted.front().get());
  EXPECT_STREQ(gst_structure_get_string(fields, "checksum"), second_->checksum.c_str());
  EXPECT_STREQ(gst_structure_get_string(fields, "location"), second_->path.c_str());
  gint64 frames = 0;
  EXPECT_TRUE(gst_structure_get_int64(fields, "frames", &frames));
  EXPECT_EQ(frames, 6);
  GstClockTime pts = 0;
  EXPECT_TRUE(gst_structure_get_clock_time(fields, "pts", &pts));
  EXPECT_EQ(pts, last.pts);

  EXPECT_EQ(notified, 1);
  EXPECT_EQ(running.bank_in_use(), second_->checksum);
  EXPECT_EQ(running.text("stats", "bank"), second_->checksum);
  EXPECT_EQ(running.stat("swaps"), 1U);

  gst_element_set_state(running.element(), GST_STATE_NULL);
  EXPECT_EQ(notified, 2);
  EXPECT_EQ(running.bank_in_use(), "none");
  EXPECT_EQ(running.text("stats", "bank"), "unset");
}

TEST_F(PatchCoreDetectBank, WithNewestNoFrameCarriesAResultOfTheBankBefore) {
  Running running(bank(*first_) + "mode=newest post-messages=all");
  EXPECT_EQ(running.pass_until_result().bank, first_->checksum);
  running.set_bank(second_->path);
  const std::vector<Running::Passed> passed = running.pass_until_swapped();
  for (std::size_t i = 0; i + 1 < passed.size(); ++i) EXPECT_EQ(passed[i].bank, first_->checksum);
  EXPECT_EQ(passed.back().meta.result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(passed.back().meta.reason, GST_PATCH_CORE_REASON_NOT_YET);
  const Running::Passed fresh = running.pass_until_result();
  EXPECT_EQ(fresh.bank, second_->checksum);
  EXPECT_EQ(fresh.meta.threshold, second_->threshold);
  EXPECT_GE(fresh.meta.scored_pts, passed.back().pts);
}

TEST_F(PatchCoreDetectBank, TheFirstFrameOfABankIsScoredWhateverTheInterval) {
  Running running(bank(*first_) + "mode=every interval=1000000");
  running.pass();
  running.set_bank(second_->path);
  const Running::Passed last = running.pass_until_swapped().back();
  EXPECT_EQ(last.meta.result, GST_PATCH_CORE_RESULT_FRESH);
  EXPECT_EQ(last.bank, second_->checksum);
  EXPECT_EQ(running.pass().meta.result, GST_PATCH_CORE_RESULT_HELD);
}

TEST_F(PatchCoreDetectBank, WhatCannotBeLoadedChangesNothing) {
  struct Case {
    std::string path;
    int code;
    std::string text;
  };
  const std::string corrupt = *folder_ / "corrupt.bank";
  const std::string whole = patchcore::test::read_whole_file(second_->path);
  write_whole_file(corrupt, whole.substr(0, whole.size() / 2));
  for (const char* mode : {"every", "newest"}) {
    Running running(bank(*first_) + "mode=" + mode);
    for (const Case& bad :
         {Case{"/nowhere/parts.bank", GST_RESOURCE_ERROR_NOT_FOUND, "/nowhere/parts.bank"},
          Case{corrupt, GST_RESOURCE_ERROR_READ, corrupt},
          Case{folder_->path(), GST_RESOURCE_ERROR_OPEN_READ, folder_->path()},
          Case{"", GST_RESOURCE_ERROR_NOT_FOUND, "patchcoretrain"}}) {
      SCOPED_TRACE(bad.path);
      running.set_bank(bad.path);
      const Complaint warning = running.wait_for_warning();
      EXPECT_EQ(warning.domain, GST_RESOURCE_ERROR);
      EXPECT_EQ(warning.code, bad.code);
      EXPECT_NE(warning.text.find(bad.text), std::string::npos) << warning.text;
      EXPECT_EQ(running.pass_until_result().bank, first_->checksum);
      EXPECT_EQ(running.bank_in_use(), first_->checksum);
    }
    EXPECT_EQ(running.stat("swaps"), 0U);
    EXPECT_TRUE(running.log().take(GST_MESSAGE_ERROR).empty());
    running.set_bank(second_->path);
    running.pass_until_swapped();
  }
}

TEST_F(PatchCoreDetectBank, ABankThatCannotInspectTheFramesIsRefused) {
  patchcore::TrainerOptions options =
      patchcore::test::tiny_trainer_options(*folder_ / "resnet18.safetensors");
  options.region = "64,48,64,48";
  const Bank corner = write("corner", options, 6, {128, 96});
  for (const char* mode : {"every", "newest"}) {
    Running running(bank(*first_) + "mode=" + mode);
    running.pass_until_result();
    running.set_bank(corner.path);
    // Frames that pass are what it cannot inspect.
    Messages warnings;
    while (warnings.empty()) {
      running.pass();
      warnings = running.log().take(GST_MESSAGE_WARNING);
      g_usleep(1000);
    }
    GError* error = nullptr;
    gst_message_parse_warning(warnings.front().get(), &error, nullptr);
    EXPECT_EQ(error->domain, GST_STREAM_ERROR);
    EXPECT_EQ(error->code, GST_STREAM_ERROR_FORMAT);
    EXPECT_NE(std::string(error->message).find("64"), std::string::npos) << error->message;
    g_error_free(error);
    EXPECT_EQ(running.pass_until_result().bank, first_->checksum);
    EXPECT_EQ(running.stat("swaps"), 0U);

    running.set_size({128, 96});
    running.set_bank(corner.path);
    running.pass_until_swapped();
    EXPECT_EQ(running.pass_until_result().bank, corner.checksum);
  }
}

TEST_F(PatchCoreDetectBank, TheNewestRequestWins) {
  Running running(bank(*first_) + "mode=every");
  for (int i = 0; i < 20; ++i) {
    running.set_bank(i % 3 == 0 ? "/nowhere" : i % 3 == 1 ? first_->path : second_->path);
  }
  running.set_bank(second_->path);
  for (int i = 0; i < 60000 && running.bank_in_use() != second_->checksum; ++i) {
    running.pass();
    g_usleep(1000);
  }
  // Nothing is left that would come into use later.
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(running.pass().bank, second_->checksum);
    g_usleep(1000);
  }
}

TEST_F(PatchCoreDetectBank, NoFrameWaitsForALoad) {
  const GstClockTime before = gst_util_get_timestamp();
  GstClockTime load = 0;
  {
    const Running slow(bank(*heavy_) + "index=faiss-hnsw");
    load = gst_util_get_timestamp() - before;
  }
  Running running(bank(*first_) + "mode=newest");
  running.pass_until_result();
  // What the next bank is loaded with.
  gst_util_set_object_arg(G_OBJECT(running.element()), "index", "faiss-hnsw");
  GstClockTime longest = 0;
  int frames = 0;
  const GstClockTime asked = gst_util_get_timestamp();
  running.set_bank(heavy_->path);
  EXPECT_LT(gst_util_get_timestamp() - asked, load / 2) << "the property waits";
  while (running.bank_in_use() != heavy_->checksum && frames < 60000) {
    const GstClockTime began = gst_util_get_timestamp();
    running.pass();
    longest = std::max(longest, gst_util_get_timestamp() - began);
    frames += 1;
    g_usleep(1000);
  }
  EXPECT_GT(frames, 10);
  EXPECT_LT(longest, load / 2);
}

TEST_F(PatchCoreDetectBank, StatesMayChangeDuringALoad) {
  Running running(bank(*first_) + "mode=newest");
  gst_util_set_object_arg(G_OBJECT(running.element()), "index", "faiss-hnsw");
  for (int i = 0; i < 6; ++i) {
    running.pass();
    running.set_bank(heavy_->path);
    if (i % 2 == 0) g_usleep(20000);  // by then it is being read
    running.set_bank(first_->path);
    EXPECT_EQ(gst_element_set_state(running.element(), i < 3 ? GST_STATE_NULL : GST_STATE_READY),
              GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(running.bank_in_use(), "none");
    EXPECT_EQ(gst_element_set_state(running.element(), GST_STATE_PLAYING),
              GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(running.bank_in_use(), first_->checksum);
    EXPECT_EQ(running.stat("swaps"), 0U);
  }
  const GstMessageType any = static_cast<GstMessageType>(GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  EXPECT_TRUE(running.log().take(any).empty());
}

TEST_F(PatchCoreDetectBank, WhatIsSetWhileItIsStoppedIsReadAtTheStart) {
  Running running(bank(*first_));
  gst_element_set_state(running.element(), GST_STATE_READY);
  running.set_bank(second_->path);
  EXPECT_EQ(running.bank_in_use(), "none");
  gst_element_set_state(running.element(), GST_STATE_PLAYING);
  EXPECT_EQ(running.bank_in_use(), second_->checksum);
  EXPECT_EQ(running.stat("swaps"), 0U);
}

TEST_F(PatchCoreDetectBank, SettingsAreReadWhenABankIsLoaded) {
  Running running(bank(*first_) + "mode=every");
  g_object_set(running.element(), "device", "cuda:999", nullptr);
  EXPECT_EQ(running.pass().bank, first_->checksum);
  running.set_bank(second_->path);
  const Complaint warning = running.wait_for_warning();
  EXPECT_EQ(warning.code, GST_RESOURCE_ERROR_NOT_FOUND);
  EXPECT_NE(warning.text.find("cuda:999"), std::string::npos) << warning.text;
  EXPECT_EQ(running.pass().bank, first_->checksum);
  g_object_set(running.element(), "device", "cpu", nullptr);
  running.set_bank(second_->path);
  EXPECT_EQ(running.pass_until_swapped().back().bank, second_->checksum);
}

// Nothing may be locked, nor half done, while others are told.
TEST_F(PatchCoreDetectBank, WhoeverIsToldMayCallTheElementBack) {
  struct Context {
    std::vector<std::string> seen;
    std::string next;
  };
  Running running(bank(*first_) + "mode=every");
  Context context = {{}, first_->path};
  const auto call_back = +[](GstElement* element, GParamSpec*, Context* told) {
    GstStructure* info = nullptr;
    g_object_get(element, "bank-info", &info, nullptr);
    told->seen.emplace_back(gst_structure_get_string(info, "checksum"));
    gst_structure_free(info);
    if (told->seen.size() == 1) g_object_set(element, "bank", told->next.c_str(), nullptr);
  };
  const gulong handler =
      g_signal_connect(running.element(), "notify::bank-info", G_CALLBACK(call_back), &context);
  running.set_bank(second_->path);
  running.pass_until_swapped();
  running.pass_until_swapped();
  EXPECT_EQ(context.seen, (std::vector<std::string>{second_->checksum, first_->checksum}));
  g_signal_handler_disconnect(running.element(), handler);
}

TEST_F(PatchCoreDetectBank, FollowsAFileThatIsReplaced) {
  const std::string followed = *folder_ / "followed.bank";
  const auto replace = [&](const std::string& content) {
    write_whole_file(followed + ".new", content);
    std::filesystem::rename(followed + ".new", followed);
  };
  const std::string content = patchcore::test::read_whole_file(second_->path);
  std::filesystem::copy_file(first_->path, followed);
  Running running("bank=" + followed + " watch-bank=true mode=every");
  EXPECT_EQ(running.pass().bank, first_->checksum);
  replace(content);
  EXPECT_EQ(running.pass_until_swapped().back().bank, second_->checksum);

  replace(content.substr(0, content.size() / 2));
  EXPECT_NE(running.wait_for_warning().text.find(followed), std::string::npos);
  EXPECT_EQ(running.pass().bank, second_->checksum);

  g_object_set(running.element(), "watch-bank", FALSE, nullptr);
  replace(content);
  g_usleep(3 * G_USEC_PER_SEC / 2);
  running.pass();
  EXPECT_EQ(running.stat("swaps"), 1U);
  g_object_set(running.element(), "watch-bank", TRUE, nullptr);
  EXPECT_EQ(running.pass_until_swapped().back().bank, second_->checksum);
}

/// What happened to one stream.
struct Outcome {
  int unknown_bank = 0;     ///< results that name none of the banks
  int wrong_threshold = 0;  ///< that name one and come from another
  int going_back = 0;       ///< of an older bank than that of a frame before
  guint64 swaps = 0;
  guint64 accounted = 0;  ///< frames that are in one of the counts
  guint frames = 0;
};

/// Passes frames and changes the bank, again and again.
Outcome swap_often(Running& running, const std::vector<Bank>& banks, guint64 swaps) {
  Outcome outcome;
  std::size_t next = 1;
  running.set_bank(banks[next].path);
  for (int frame = 0; running.stat("swaps") < swaps && frame < 1000000; ++frame) {
    const guint64 before = running.stat("swaps");
    const Running::Passed passed = running.pass();
    if (!passed.bank.empty()) {
      const auto named = std::find_if(banks.begin(), banks.end(), [&](const Bank& bank) {
        return bank.checksum == passed.bank;
      });
      if (named == banks.end()) {
        outcome.unknown_bank += 1;
      } else {
        if (passed.meta.threshold != named->threshold) outcome.wrong_threshold += 1;
        if (passed.bank != running.bank_in_use()) outcome.going_back += 1;
      }
    }
    if (running.stat("swaps") > before) {
      next = (next + 1) % banks.size();
      running.set_bank(banks[next].path);
    }
    if (passed.bank.empty()) g_usleep(200);
  }
  outcome.swaps = running.stat("swaps");
  outcome.frames = running.frames();
  outcome.accounted = running.stat("held") + running.stat("uninspected");
  return outcome;
}

TEST_F(PatchCoreDetectBank, ManySwapsOfManyStreamsLoseNothing) {
  constexpr guint64 swaps = 30;
  const std::vector<Bank> banks = {*first_, *second_};
  for (const std::string mode : {"every", "newest"}) {
    SCOPED_TRACE(mode);
    std::vector<std::unique_ptr<Running>> streams;
    for (int i = 0; i < 3; ++i) {
      streams.push_back(std::make_unique<Running>(bank(*first_) + "mode=" + mode));
    }
    std::vector<Outcome> outcomes(streams.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      threads.emplace_back([&, i] { outcomes[i] = swap_often(*streams[i], banks, swaps); });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const Outcome& outcome = outcomes[i];
      EXPECT_EQ(outcome.unknown_bank, 0);
      EXPECT_EQ(outcome.wrong_threshold, 0);
      EXPECT_EQ(outcome.going_back, 0);
      EXPECT_EQ(outcome.swaps, swaps);
      EXPECT_EQ(outcome.accounted, mode == "every" ? 0 : outcome.frames);
      EXPECT_EQ(mode == "every" ? streams[i]->stat("scored") : outcome.frames, outcome.frames);
      EXPECT_TRUE(streams[i]->log().take(GST_MESSAGE_WARNING).empty());
    }
  }
}

}  // namespace
