// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much later frames leave because they are scored first.
#pragma once

#include <gst/gst.h>

/// The largest time that scoring took of late, in whole milliseconds. It changes only by more than
/// a fifth, so that a live pipeline is not asked to change its latency all the time: it grows with
/// the frame that took longer, and shrinks when the frames of a whole window took less, as the
/// first ones of a stream take the longest.
class GstPatchCoreScoringLatency {
 public:
  static constexpr guint window = 100;  ///< frames

  /// @return whether reported() has changed
  bool add(GstClockTime duration) {
    largest_ = MAX(largest_, duration);
    frames_ += 1;
    if (duration > reported_ + reported_ / 5) return report(duration);
    if (frames_ < window) return false;
    const bool shorter = largest_ < reported_ - reported_ / 5;
    if (shorter) return report(largest_);
    begin_window();
    return false;
  }

  GstClockTime reported() const { return reported_; }

 private:
  bool report(GstClockTime latency) {
    const GstClockTime before = reported_;
    reported_ = (latency + GST_MSECOND - 1) / GST_MSECOND * GST_MSECOND;
    begin_window();
    return reported_ != before;
  }

  void begin_window() {
    largest_ = 0;
    frames_ = 0;
  }

  GstClockTime reported_ = 0;
  GstClockTime largest_ = 0;  ///< in this window
  guint frames_ = 0;          ///< in this window
};
