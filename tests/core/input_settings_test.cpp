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
  options.crop = Size{224, 224};
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
    EXPECT_FALSE(options.crop);
  }
}

TEST(InputSettings, CropTheCentreOfAnExactSize) {
  for (const PreprocessOptions& defaults : {PreprocessOptions(), reference_way()}) {
    const PreprocessOptions options = apply_input_settings(defaults, "320x192", "300x160");
    EXPECT_EQ(options.mode, ResizeMode::exact);
    EXPECT_EQ(options.exact, (Size{320, 192}));
    EXPECT_EQ(options.crop, (Size{300, 160}));
    EXPECT_EQ(apply_input_settings(defaults, "256x256", "224").crop, (Size{224, 224}));
  }
}

TEST(InputSettings, SeeAllOfAShorterSideThatIsNamed) {
  for (const PreprocessOptions& defaults : {PreprocessOptions(), reference_way()}) {
    for (const char* crop : {"", "none"}) {
      const PreprocessOptions options = apply_input_settings(defaults, "shorter:320", crop);
      EXPECT_EQ(options.mode, ResizeMode::shorter_side);
      EXPECT_EQ(options.shorter_side, 320);
      EXPECT_FALSE(options.crop);
    }
    EXPECT_EQ(apply_input_settings(defaults, "shorter:320", "448x256").crop, (Size{448, 256}));
  }
}

TEST(InputSettings, SeeTheWholeFrameWithoutCrop) {
  const PreprocessOptions options = apply_input_settings(reference_way(), "320", "none");
  EXPECT_EQ(options.mode, ResizeMode::area);
  EXPECT_EQ(options.area_side, 320);
  EXPECT_FALSE(options.crop);
}

TEST(InputSettings, CropTheCentre) {
  const PreprocessOptions options = apply_input_settings({}, "366", "320x300");
  EXPECT_EQ(options.mode, ResizeMode::shorter_side);
  EXPECT_EQ(options.shorter_side, 366);
  EXPECT_EQ(options.crop, (Size{320, 300}));
  EXPECT_EQ(apply_input_settings({}, "", "224").crop, (Size{224, 224}));
}

TEST(InputSettings, RefuseWhatTheyDoNotUnderstand) {
  for (const char* text : {"big", "256px", "0", "-1", "256x", "x256", "1e3", "99999999999", " 256",
                           "shorter:", "shorter:0", "shorter:32x32", "Shorter:256", "longer:256"}) {
    EXPECT_THROW(apply_input_settings({}, text, ""), Error) << text;
    EXPECT_THROW(apply_input_settings({}, "", text), Error) << text;
  }
  for (const char* crop : {"shorter:224", "all"})
    EXPECT_THROW(apply_input_settings({}, "256", crop), Error) << crop;
}

TEST(InputSettings, RefuseACropThatDoesNotFit) {
  EXPECT_THROW(apply_input_settings({}, "320x192", "224"), Error);
  EXPECT_THROW(apply_input_settings({}, "256", "257"), Error);
  EXPECT_THROW(apply_input_settings({}, "shorter:256", "320x257"), Error);
}

}  // namespace patchcore
