// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An element between two pads, as a base of what the tests of each element need besides.
#include "tests/gst/element_harness.h"

#include <gtest/gtest.h>

namespace patchcore::test {

ElementHarness::ElementHarness(const std::string& description) {
  GError* error = nullptr;
  element_ = gst_parse_bin_from_description_full(description.c_str(), TRUE, nullptr,
                                                 GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS, &error);
  EXPECT_EQ(error, nullptr) << error->message;
  gst_object_ref_sink(element_);
  log_.attach(element_);
  harness_ = gst_harness_new_with_element(element_, "sink", "src");
}

ElementHarness::~ElementHarness() {
  gst_harness_teardown(harness_);
  log_.detach(element_);
  gst_object_unref(element_);
}

void ElementHarness::set_caps(const GstVideoInfo& info) {
  gst_harness_set_src_caps(harness_, gst_video_info_to_caps(&info));
}

void ElementHarness::flush() {
  gst_harness_push_event(harness_, gst_event_new_flush_start());
  gst_harness_push_event(harness_, gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(harness_, gst_event_new_segment(&segment));
}

}  // namespace patchcore::test
