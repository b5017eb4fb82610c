// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An element between two pads, as a base of what the tests of each element need besides.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <string>

#include "tests/gst/message_log.h"
#include "tests/gst/video_frames.h"

namespace patchcore::test {

/// Started as it is made, unless it fails to; set to NULL and freed with this.
class ElementHarness {
 public:
  /// @param description  of one element or, for a bin with its two ends, of several, as on a
  /// command
  ///                     line
  explicit ElementHarness(const std::string& description);
  ~ElementHarness();
  ElementHarness(const ElementHarness&) = delete;
  ElementHarness& operator=(const ElementHarness&) = delete;

  GstElement* element() { return element_; }
  GstHarness* harness() { return harness_; }
  /// What the element posts.
  MessageLog& log() { return log_; }

  void set_caps(const GstVideoInfo& info);

  GstFlowReturn push(Buffer buffer) { return gst_harness_push(harness_, buffer.release()); }

  /// What has come out; null if nothing has.
  Buffer pull() { return Buffer(gst_harness_try_pull(harness_)); }

  /// As a seek does it.
  void flush();

 private:
  MessageLog log_;
  GstElement* element_ = nullptr;
  GstHarness* harness_ = nullptr;
};

}  // namespace patchcore::test
