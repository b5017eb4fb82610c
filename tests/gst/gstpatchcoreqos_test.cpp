// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is scored of a stream that is late: frames before the time that downstream asked
// for, in running time, and no other; and that the application hears of them.
#include "gst/gstpatchcoreqos.h"

#include <gtest/gtest.h>

#include <memory>

namespace {

class PatchCoreQos : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    element_ = gst_element_factory_make("patchcoredetect", nullptr);
    ASSERT_NE(element_, nullptr);
    gst_object_ref_sink(element_);
    bus_ = gst_bus_new();
    gst_element_set_bus(element_, bus_);
    buffer_ = gst_buffer_new();
    GstBaseTransform* transform = GST_BASE_TRANSFORM(element_);
    gst_segment_init(&transform->segment, GST_FORMAT_TIME);
    // Starts in the middle: running time is 10 s less than the buffer's.
    transform->segment.start = transform->segment.time = 10 * GST_SECOND;
    qos_ = std::make_unique<GstPatchCoreQos>(transform);
  }
  void TearDown() override {
    gst_buffer_unref(buffer_);
    gst_element_set_bus(element_, nullptr);
    gst_object_unref(bus_);
    gst_object_unref(element_);
  }

  void send(GstClockTimeDiff jitter, GstClockTime running_time) {
    GstEvent* event = gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2, jitter, running_time);
    qos_->src_event(event);
    gst_event_unref(event);
  }

  /// @param running_time  of the frame
  bool is_late(GstClockTime running_time) {
    GST_BUFFER_PTS(buffer_) = running_time + 10 * GST_SECOND;
    return qos_->is_late(buffer_);
  }

  GstElement* element_ = nullptr;
  GstBus* bus_ = nullptr;
  GstBuffer* buffer_ = nullptr;
  std::unique_ptr<GstPatchCoreQos> qos_;
};

TEST_F(PatchCoreQos, NothingIsLateUntilDownstreamSaysSo) {
  EXPECT_FALSE(is_late(0));
  send(0, GST_CLOCK_TIME_NONE);
  EXPECT_FALSE(is_late(0));
  GstEvent* other = gst_event_new_reconfigure();
  qos_->src_event(other);
  gst_event_unref(other);
  EXPECT_FALSE(is_late(0));
}

TEST_F(PatchCoreQos, FramesBeforeTheEarliestTimeAreLate) {
  send(GST_SECOND, 2 * GST_SECOND);
  EXPECT_TRUE(is_late(0));
  EXPECT_TRUE(is_late(3 * GST_SECOND - 1));
  EXPECT_FALSE(is_late(3 * GST_SECOND));
}

TEST_F(PatchCoreQos, FramesThatAreEarlyMakeNoneLate) {
  send(-static_cast<GstClockTimeDiff>(GST_SECOND), 2 * GST_SECOND);
  EXPECT_FALSE(is_late(2 * GST_SECOND));
  send(-static_cast<GstClockTimeDiff>(2 * GST_SECOND), 2 * GST_SECOND);
  EXPECT_FALSE(is_late(0));
}

TEST_F(PatchCoreQos, ForgetsWhatAnotherStreamWas) {
  send(GST_SECOND, 2 * GST_SECOND);
  qos_->forget();
  EXPECT_FALSE(is_late(0));
}

TEST_F(PatchCoreQos, FramesWithoutATimeAreNeverLate) {
  send(GST_SECOND, 2 * GST_SECOND);
  GST_BUFFER_PTS(buffer_) = GST_CLOCK_TIME_NONE;
  EXPECT_FALSE(qos_->is_late(buffer_));
  gst_segment_init(&GST_BASE_TRANSFORM(element_)->segment, GST_FORMAT_BYTES);
  EXPECT_FALSE(is_late(0));
}

TEST_F(PatchCoreQos, PostsWhatElementsPost) {
  send(GST_SECOND, 2 * GST_SECOND);
  ASSERT_TRUE(is_late(GST_SECOND));
  GST_BUFFER_DURATION(buffer_) = 40 * GST_MSECOND;
  qos_->post(buffer_, TRUE, 17, 4);
  GstMessage* message = gst_bus_pop_filtered(bus_, GST_MESSAGE_QOS);
  ASSERT_NE(message, nullptr);
  gboolean live;
  guint64 running_time, stream_time, timestamp, duration, processed, dropped;
  gst_message_parse_qos(message, &live, &running_time, &stream_time, &timestamp, &duration);
  EXPECT_TRUE(live);
  EXPECT_EQ(running_time, GST_SECOND);
  EXPECT_EQ(stream_time, 11 * GST_SECOND);
  EXPECT_EQ(timestamp, 11 * GST_SECOND);
  EXPECT_EQ(duration, 40 * GST_MSECOND);
  gint64 jitter;
  gdouble proportion;
  gint quality;
  gst_message_parse_qos_values(message, &jitter, &proportion, &quality);
  EXPECT_EQ(jitter, static_cast<gint64>(2 * GST_SECOND));
  EXPECT_EQ(proportion, 2);
  EXPECT_EQ(quality, 1000000);
  GstFormat format;
  gst_message_parse_qos_stats(message, &format, &processed, &dropped);
  EXPECT_EQ(format, GST_FORMAT_BUFFERS);
  EXPECT_EQ(processed, 17U);
  EXPECT_EQ(dropped, 4U);
  gst_message_unref(message);
}

}  // namespace
