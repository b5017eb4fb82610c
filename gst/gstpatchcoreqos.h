// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Quality of service: which frames come too late to be worth scoring.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

/// Frames whose running time is before the earliest time that downstream asked for are late. Takes
/// the element's object lock: never call with it held.
class GstPatchCoreQos {
 public:
  /// @param element  owns this
  explicit GstPatchCoreQos(GstBaseTransform* element) : element_(element) {}

  /// No frame is late until downstream says so. Any thread.
  void forget();

  /// An event of downstream; heeds those of QoS. Any thread.
  void src_event(GstEvent* event);

  /// The streaming thread.
  bool is_late(GstBuffer* buffer) const;

  /// Tells the application of a frame that was late. The streaming thread.
  /// @param scored  frames so far
  /// @param late    frames so far, with this one
  void post(GstBuffer* buffer, bool live, guint64 scored, guint64 late) const;

 private:
  GstClockTime running_time(GstBuffer* buffer) const;

  GstBaseTransform* element_;

  // Guarded by the object lock.
  GstClockTime earliest_ = GST_CLOCK_TIME_NONE;  ///< running time
  gdouble proportion_ = 1;
};
