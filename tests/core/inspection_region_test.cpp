// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the setting region means: pixels are told from fractions, and no region reaches
// out of its frame.
#include "core/inspection_region.h"

#include <gtest/gtest.h>

#include <climits>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

void expect_rect(const Rect& rect, int x, int y, int width, int height) {
  EXPECT_EQ(rect.x, x);
  EXPECT_EQ(rect.y, y);
  EXPECT_EQ(rect.width, width);
  EXPECT_EQ(rect.height, height);
}

Rect resolve(const std::string& text, Size frame) {
  return resolve_inspection_region(parse_inspection_region(text), frame);
}

}  // namespace

TEST(InspectionRegion, TakesWholeNumbersAsPixels) {
  const InspectionRegion region = parse_inspection_region("100,50,640,480");
  EXPECT_EQ(region.unit, InspectionRegion::Unit::pixels);
  expect_rect(resolve_inspection_region(region, {1920, 1080}), 100, 50, 640, 480);
  expect_rect(resolve_inspection_region(region, {740, 530}), 100, 50, 640, 480);
}

TEST(InspectionRegion, TakesAnyDecimalPointAsFractions) {
  for (const char* text : {"0.5,0.25,0.5,0.5", "0.5,.25,.5,0.50", "0.5,0.25,0.5,0.500000"}) {
    EXPECT_EQ(parse_inspection_region(text).unit, InspectionRegion::Unit::fractions);
    expect_rect(resolve(text, {1920, 1080}), 960, 270, 960, 540);
    expect_rect(resolve(text, {640, 480}), 320, 120, 320, 240);
  }
  expect_rect(resolve("0.5,0,0.5,1", {1920, 1080}), 960, 0, 960, 1080);
  expect_rect(resolve("0,0,1.,1", {1920, 1080}), 0, 0, 1920, 1080);
}

TEST(InspectionRegion, IsTheWholeFrameByDefault) {
  EXPECT_TRUE(is_whole_frame(InspectionRegion()));
  EXPECT_TRUE(is_whole_frame(parse_inspection_region("none")));
  EXPECT_TRUE(is_whole_frame(parse_inspection_region("0.0,0.0,1.0,1.0")));
  EXPECT_FALSE(is_whole_frame(parse_inspection_region("0.0,0.0,1.0,0.99")));
  EXPECT_FALSE(is_whole_frame(parse_inspection_region("0,0,640,480")));
  expect_rect(resolve("none", {641, 479}), 0, 0, 641, 479);
}

// Neighbouring regions meet: neither a gap nor a pixel twice, and none outside.
TEST(InspectionRegion, RoundsEdgesAndNotSizes) {
  for (int width = 32; width < 700; ++width) {
    const Rect left = resolve("0.0,0.0,0.3,1.0", {width, 100});
    const Rect right = resolve("0.3,0.0,0.7,1.0", {width, 100});
    EXPECT_EQ(left.x + left.width, right.x);
    EXPECT_EQ(right.x + right.width, width);
  }
}

// A bank keeps it as text.
TEST(InspectionRegion, WritesWhatItReads) {
  for (const char* text : {"100,50,640,480", "0.5,0.25,0.5,0.5", "0.1,0.2,0.30000000000000004,0.7",
                           "0.0,0.0,1.0,0.5", "0.0000000001,0.0,0.25,0.333"}) {
    const InspectionRegion region = parse_inspection_region(text);
    EXPECT_EQ(format_inspection_region(region), text);
    EXPECT_TRUE(parse_inspection_region(format_inspection_region(region)) == region);
  }
  EXPECT_EQ(format_inspection_region({}), "none");
}

TEST(InspectionRegion, RefusesWhatIsNoRegion) {
  for (const char* text : {"",
                           "whole",
                           "1",
                           "1,2,3",
                           "100,50,640",
                           "100,50,640,480,1",
                           "100,50,640,480,",
                           ",,,",
                           "100;50;640;480",
                           " 100,50,640,480",
                           "100, 50,640,480",
                           "-100,50,640,480",
                           "+1,50,640,480",
                           "1e2,50,640,480",
                           "0x10,50,640,480",
                           "0.1,0.1,0.5,nan",
                           "0.1,0.1,inf,0.5",
                           "0.1,0.1,0.5,.",
                           "0.1,0.1,0.5,0.5.",
                           "50%,0,50%,1"}) {
    EXPECT_ERROR(parse_inspection_region(text), invalid_argument, "write x,y,width,height");
  }
}

TEST(InspectionRegion, RefusesFractionsBeyondTheFrame) {
  for (const char* text : {"0.5,0.0,0.6,1.0", "0.0,0.5,1.0,0.6", "0.0,0.0,2.0,1.0",
                           "1.5,0.0,0.1,1.0", "0.0,0.0,640.0,480.0"}) {
    EXPECT_ERROR(parse_inspection_region(text), invalid_argument, "beyond the frame");
  }
  EXPECT_ERROR(parse_inspection_region("0.5,0.5,0.0,0.5"), invalid_argument, "no width or height");
  EXPECT_ERROR(parse_inspection_region("0.5,0.5,0.5,0.0"), invalid_argument, "no width or height");
  // Sums that are not quite 1 are meant to be.
  EXPECT_NO_THROW(parse_inspection_region("0.7,0.9,0.3,0.1"));
}

// Also what was meant as fractions: "0,0,1,1".
TEST(InspectionRegion, RefusesPixelsThatNoNetworkCanSee) {
  for (const char* text : {"0,0,1,1", "0,0,31,200", "0,0,200,31", "0,0,0,0"}) {
    EXPECT_ERROR(parse_inspection_region(text), invalid_argument, "decimal points in fractions");
  }
  EXPECT_ERROR(parse_inspection_region("0,0,99999999999,100"), invalid_argument, "more pixels");
}

TEST(InspectionRegion, RefusesPixelsThatDoNotFitTheFrame) {
  EXPECT_ERROR(resolve("100,50,640,480", {739, 1080}), unsupported_frame, "739x1080");
  EXPECT_ERROR(resolve("100,50,640,480", {1920, 529}), unsupported_frame, "100,50,640,480");
  EXPECT_ERROR(resolve("2000,0,64,64", {1920, 1080}), unsupported_frame, "does not fit");
}

TEST(InspectionRegion, ClipsWhatReachesOut) {
  const Size frame = {640, 480};
  expect_rect(clip_to_frame({10, 20, 30, 40}, frame), 10, 20, 30, 40);
  expect_rect(clip_to_frame({-10, -20, 30, 40}, frame), 0, 0, 20, 20);
  expect_rect(clip_to_frame({600, 400, 100, 100}, frame), 600, 400, 40, 80);
  expect_rect(clip_to_frame({0, 0, INT_MAX, INT_MAX}, frame), 0, 0, 640, 480);
  expect_rect(clip_to_frame({5, 5, INT_MAX, INT_MAX}, frame), 5, 5, 635, 475);
  for (const Rect& outside :
       {Rect{640, 0, 10, 10}, Rect{-50, 0, 50, 10}, Rect{INT_MAX, 0, 9, 9}, Rect{0, 0, -5, 10}}) {
    EXPECT_EQ(clip_to_frame(outside, frame).width, 0);
  }
}

}  // namespace patchcore
