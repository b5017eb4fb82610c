// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the settings input-size and crop mean.
#include "core/input_settings.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace patchcore {
namespace {

PreprocessOptions reference_way() {
  PreprocessOptions options;
  options.mode = ResizeMode::shorter_side;
  return options;
}

}  // namespace

TEST(InputSettings, KeepDefaultsWhenEmpty) {
  EXPECT_EQ(apply_input_settings({}, "", "").mode, ResizeMode::area);
  EXPECT_EQ(apply_input_settings(reference_way(), "", "").mode, ResizeMode::shorter_side);
}

TEST(InputSettings, TakeANumberAsAreaOrShorterSide) {
  EXPECT_EQ(apply_input_settings({}, "320", "").area_side, 320);
  EXPECT_EQ(apply_input_settings(reference_way(), "320", "").shorter_side, 320);
}

TEST(InputSettings, TakeASizeExactly) {
  for (const char* crop : {"", "none"}) {
    const PreprocessOptions options = apply_input_settings(reference_way(), "320x192", crop);
    EXPECT_EQ(options.mode, ResizeMode::exact);
    EXPECT_EQ(options.exact, (Size{320, 192}));
  }
}

TEST(InputSettings, SeeTheWholeFrameWithoutCrop) {
  const PreprocessOptions options = apply_input_settings(reference_way(), "320", "none");
  EXPECT_EQ(options.mode, ResizeMode::area);
  EXPECT_EQ(options.area_side, 320);
}

TEST(InputSettings, CropTheCentre) {
  const PreprocessOptions options = apply_input_settings({}, "366", "320x300");
  EXPECT_EQ(options.mode, ResizeMode::shorter_side);
  EXPECT_EQ(options.shorter_side, 366);
  EXPECT_EQ(options.crop, (Size{320, 300}));
  EXPECT_EQ(apply_input_settings({}, "", "224").crop, (Size{224, 224}));
}

TEST(InputSettings, RefuseWhatTheyDoNotUnderstand) {
  for (const char* text :
       {"big", "256px", "0", "-1", "256x", "x256", "1e3", "99999999999", " 256"}) {
    EXPECT_THROW(apply_input_settings({}, text, ""), Error) << text;
    EXPECT_THROW(apply_input_settings({}, "", text), Error) << text;
  }
  EXPECT_THROW(apply_input_settings({}, "320x192", "224"), Error);
}

}  // namespace patchcore
