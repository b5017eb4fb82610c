// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoretrain with a small network, for its tests.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/gst/message_log.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore::test {

class PatchCoreTrain : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    weights_folder_ = new TemporaryFolder();
    weights_ = new std::string(write_tiny_weights(weights_folder_->path()));
  }

  static void TearDownTestSuite() {
    delete weights_;
    delete weights_folder_;
  }

  void SetUp() override {
    element_ = GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("patchcoretrain", "t")));
    ASSERT_NE(element_, nullptr);
    log_.attach(element_);
    g_object_set(element_, "backbone", "resnet18", "layers", "layer1,layer2", "weights",
                 weights_->c_str(), "input-size", "64x64", "crop", "none",
                 "pretrain-embed-dimension", 64, "target-embed-dimension", 64, "threads", 1, "bank",
                 bank().c_str(), nullptr);
  }

  void TearDown() override {
    log_.release();
    if (harness_ != nullptr) {
      gst_harness_teardown(harness_);
    } else {
      gst_element_set_state(element_, GST_STATE_NULL);
    }
    gst_object_unref(element_);
  }

  std::string bank() const { return folder_ / "parts.bank"; }
  bool bank_exists() const { return std::filesystem::exists(bank()); }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  /// Puts the element between two pads and sets it to PLAYING.
  void play(Size size = {64, 48}) {
    harness_ = gst_harness_new_with_element(element_, "sink", "src");
    set_caps(size);
  }

  void set_caps(Size size, const char* format = "RGB") {
    gst_harness_set_src_caps(
        harness_, gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width",
                                      G_TYPE_INT, size.width, "height", G_TYPE_INT, size.height,
                                      "framerate", GST_TYPE_FRACTION, 30, 1, nullptr));
  }

  static GstBuffer* frame(int number, Size size = {64, 48}) {
    const StripedPicture picture(number, size);
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, picture.rgb.size(), nullptr);
    gst_buffer_fill(buffer, 0, picture.rgb.data(), picture.rgb.size());
    return buffer;
  }

  void push(int frames, int first = 0) {
    for (int i = 0; i < frames; ++i) {
      ASSERT_EQ(gst_harness_push(harness_, frame(first + i)), GST_FLOW_OK);
      gst_buffer_unref(gst_harness_pull(harness_));
    }
  }

  bool end() { return gst_harness_push_event(harness_, gst_event_new_eos()); }

  /// Whether an end of the stream has come out since the last flush.
  bool ended() {
    GstEvent* event = gst_pad_get_sticky_event(harness_->sinkpad, GST_EVENT_EOS, 0);
    if (event != nullptr) gst_event_unref(event);
    return event != nullptr;
  }

  guint64 count(const char* property) {
    guint64 value = 0;
    g_object_get(element_, property, &value, nullptr);
    return value;
  }

  /// The frames collected, as soon as they are at least @p least.
  guint64 collected(guint64 least) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (count("frames") < least && std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return count("frames");
  }

  void signal(const char* name) { g_signal_emit_by_name(element_, name); }
  void finish() { signal("finish"); }

  /// The same settings in a pipeline of its own.
  GstElement* make_pipeline(int frames) {
    const std::string description =
        "videotestsrc pattern=snow num-buffers=" + std::to_string(frames) +
        " ! video/x-raw,width=64,height=48 ! patchcoretrain name=trainer backbone=resnet18"
        " layers=layer1,layer2 input-size=64x64 crop=none threads=1 weights=" +
        *weights_ + " bank=" + bank() + " ! fakesink name=sink";
    return gst_parse_launch(description.c_str(), nullptr);
  }

  /// PLAYING again, and a new stream, after READY.
  void play_again() {
    gst_element_set_state(element_, GST_STATE_PLAYING);
    gst_harness_push_event(harness_, gst_event_new_stream_start("again"));
    set_caps({64, 48});
    begin_segment();
  }

  void begin_segment() {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness_, gst_event_new_segment(&segment));
  }

  /// Expects that the element does not start, and says why with @p part in it.
  void expect_refusal(const std::string& part) {
    EXPECT_EQ(gst_element_set_state(element_, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    const auto error = log_.complaint(GST_MESSAGE_ERROR);
    EXPECT_EQ(error.domain, GST_RESOURCE_ERROR);
    EXPECT_NE(error.text.find(part), std::string::npos) << error.text;
    gst_element_set_state(element_, GST_STATE_NULL);
  }

  inline static TemporaryFolder* weights_folder_ = nullptr;
  inline static std::string* weights_ = nullptr;

  TemporaryFolder folder_;
  MessageLog log_;
  GstElement* element_ = nullptr;
  GstHarness* harness_ = nullptr;
};

}  // namespace patchcore::test
