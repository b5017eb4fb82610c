// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Quality of service: which frames come too late to be worth scoring.
#include "gst/gstpatchcoreqos.h"

void GstPatchCoreQos::forget() {
  GST_OBJECT_LOCK(element_);
  earliest_ = GST_CLOCK_TIME_NONE;
  proportion_ = 1;
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreQos::src_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_QOS) return;
  gdouble proportion;
  GstClockTimeDiff jitter;
  GstClockTime timestamp;
  gst_event_parse_qos(event, nullptr, &proportion, &jitter, &timestamp);
  GST_OBJECT_LOCK(element_);
  earliest_ = GST_CLOCK_TIME_IS_VALID(timestamp) ? timestamp + static_cast<GstClockTime>(jitter)
                                                 : GST_CLOCK_TIME_NONE;
  proportion_ = proportion;
  GST_OBJECT_UNLOCK(element_);
}

GstClockTime GstPatchCoreQos::running_time(GstBuffer* buffer) const {
  const GstSegment& segment = element_->segment;
  if (segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

bool GstPatchCoreQos::is_late(GstBuffer* buffer) const {
  const GstClockTime time = running_time(buffer);
  GST_OBJECT_LOCK(element_);
  const bool late =
      GST_CLOCK_TIME_IS_VALID(earliest_) && GST_CLOCK_TIME_IS_VALID(time) && time < earliest_;
  GST_OBJECT_UNLOCK(element_);
  return late;
}

void GstPatchCoreQos::post(GstBuffer* buffer, bool live, guint64 scored, guint64 late) const {
  const GstClockTime time = running_time(buffer);
  GST_OBJECT_LOCK(element_);
  const GstClockTimeDiff jitter = GST_CLOCK_DIFF(time, earliest_);
  const gdouble proportion = proportion_;
  GST_OBJECT_UNLOCK(element_);
  GstMessage* message = gst_message_new_qos(
      GST_OBJECT(element_), live, time,
      gst_segment_to_stream_time(&element_->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer)),
      GST_BUFFER_PTS(buffer), GST_BUFFER_DURATION(buffer));
  gst_message_set_qos_values(message, jitter, proportion, 1000000);
  gst_message_set_qos_stats(message, GST_FORMAT_BUFFERS, scored, late);
  gst_element_post_message(GST_ELEMENT(element_), message);
}
