// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how caps with and without overlay compositions are negotiated.
#include "gst/gstpatchcoreoverlaynegotiation.h"

#include <gtest/gtest.h>

#include <string>

namespace {

constexpr const char* plain = "video/x-raw, format=RGB";
constexpr const char* with_compositions =
    "video/x-raw(memory:SystemMemory, meta:GstVideoOverlayComposition), format=RGB";

class PatchCoreOverlayNegotiation : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }
};

/// Compares as strings, so that order counts; frees @p caps.
void expect_caps(GstCaps* caps, const std::string& expected) {
  GstCaps* wanted = gst_caps_from_string(expected.c_str());
  EXPECT_TRUE(gst_caps_is_strictly_equal(caps, wanted)) << gst_caps_to_string(caps);
  gst_caps_unref(wanted);
  gst_caps_unref(caps);
}

GstCaps* transformed(GstPadDirection direction, const char* from, const char* filter = nullptr) {
  GstCaps* caps = gst_caps_from_string(from);
  GstCaps* filter_caps = filter != nullptr ? gst_caps_from_string(filter) : nullptr;
  GstCaps* result = gst_patch_core_composition_transform_caps(direction, caps, filter_caps);
  gst_caps_unref(caps);
  gst_clear_caps(&filter_caps);
  return result;
}

TEST_F(PatchCoreOverlayNegotiation, DownstreamOfPlainCapsThereMayBeCompositions) {
  expect_caps(transformed(GST_PAD_SINK, plain), std::string(with_compositions) + ";" + plain);
  expect_caps(transformed(GST_PAD_SINK, plain, plain), plain);
}

TEST_F(PatchCoreOverlayNegotiation, CompositionsOfUpstreamAreNotTakenAway) {
  expect_caps(transformed(GST_PAD_SINK, with_compositions), with_compositions);
  expect_caps(transformed(GST_PAD_SRC, plain), plain);
}

TEST_F(PatchCoreOverlayNegotiation, UpstreamOfCompositionsThereMayBeNone) {
  expect_caps(transformed(GST_PAD_SRC, with_compositions),
              std::string(with_compositions) + ";" + plain);
}

TEST_F(PatchCoreOverlayNegotiation, AnyAndEmptyCapsStayWhatTheyAre) {
  expect_caps(transformed(GST_PAD_SINK, "ANY"), "ANY");
  expect_caps(transformed(GST_PAD_SRC, "EMPTY"), "EMPTY");
  expect_caps(transformed(GST_PAD_SINK, "ANY", plain), plain);
}

TEST_F(PatchCoreOverlayNegotiation, FixationFollowsThePreference) {
  const std::string both = std::string(plain) + ";" + with_compositions;
  expect_caps(gst_patch_core_composition_fixate_caps(gst_caps_from_string(both.c_str()), true),
              with_compositions);
  expect_caps(gst_patch_core_composition_fixate_caps(gst_caps_from_string(both.c_str()), false),
              plain);
}

TEST_F(PatchCoreOverlayNegotiation, FixationTakesWhatThereIs) {
  expect_caps(gst_patch_core_composition_fixate_caps(gst_caps_from_string(plain), true), plain);
  expect_caps(
      gst_patch_core_composition_fixate_caps(gst_caps_from_string(with_compositions), false),
      with_compositions);
}

TEST_F(PatchCoreOverlayNegotiation, CapsWithoutTheFeatureSayNo) {
  for (const char* text : {plain, "ANY", "EMPTY", "video/x-raw(memory:GLMemory)"}) {
    GstCaps* caps = gst_caps_from_string(text);
    EXPECT_FALSE(gst_patch_core_composition_in_caps(caps)) << text;
    gst_caps_unref(caps);
  }
  GstCaps* caps = gst_caps_from_string(with_compositions);
  EXPECT_TRUE(gst_patch_core_composition_in_caps(caps));
  gst_caps_unref(caps);
}

}  // namespace
