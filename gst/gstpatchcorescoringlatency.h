// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much later frames leave because they are scored first.
#pragma once

#include <gst/gst.h>

/// The largest time that scoring took, in whole milliseconds. It grows only where it is exceeded by
/// more than a fifth, so that a live pipeline is not asked to change its latency all the time.
class GstPatchCoreScoringLatency {
 public:
  /// @return whether reported() has changed
  bool add(GstClockTime duration) {
    if (duration <= reported_ + reported_ / 5) return false;
    reported_ = (duration + GST_MSECOND - 1) / GST_MSECOND * GST_MSECOND;
    return true;
  }

  GstClockTime reported() const { return reported_; }

 private:
  GstClockTime reported_ = 0;
};
