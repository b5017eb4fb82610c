// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what people see: good frames look good, every alarm is visible where it is.
#include "core/heatmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace patchcore {
namespace {

/// 8 x 8 patches of a 64 x 64 input over a frame of 128 x 128, usual score 1, threshold 2.
Detection make_detection(float background, float peak) {
  Detection detection;
  detection.usual_score = 1;
  detection.threshold = 2;
  detection.score = peak;
  detection.anomalous = peak >= 2;
  detection.map = {8, 8, std::vector<float>(64, background)};
  detection.map.values[2 * 8 + 5] = peak;
  detection.inspected = {0, 0, 128, 128};
  detection.input_size = {64, 64};
  return detection;
}

/// Over pixel (2 x, 2 y) of the frame; 0 where there is no picture.
int alpha_at(const OverlayPicture& picture, int x, int y) {
  x -= picture.target.x / 2;
  y -= picture.target.y / 2;
  if (x < 0 || x >= picture.size.width || y < 0 || y >= picture.size.height) return 0;
  return picture.pixels[4 * (static_cast<std::size_t>(y) * picture.size.width + x) + 3];
}

int largest_alpha(const OverlayPicture& picture) {
  int largest = 0;
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) {
    largest = std::max<int>(largest, picture.pixels[i]);
  }
  return largest;
}

}  // namespace

TEST(DrawHeatmap, LeavesAUsualFrameUntouched) {
  EXPECT_EQ(largest_alpha(draw_heatmap(make_detection(0.5F, 1), 1)), 0);
}

TEST(DrawHeatmap, GlowsWhereTheDefectIsAndNotElsewhere) {
  const OverlayPicture picture = draw_heatmap(make_detection(0.5F, 4), 1);
  EXPECT_EQ(alpha_at(picture, 5 * 8 + 4, 2 * 8 + 4), 255);
  EXPECT_EQ(alpha_at(picture, 4, 60), 0);
}

TEST(DrawHeatmap, IsOnlyAsLargeAsWhatShows) {
  const OverlayPicture whole = draw_heatmap(make_detection(4, 4), 1);
  EXPECT_EQ(whole.size, (Size{64, 64}));
  EXPECT_EQ(whole.target.width, 128);
  EXPECT_TRUE(draw_heatmap(make_detection(0.5F, 1), 1).pixels.empty());

  const OverlayPicture part = draw_heatmap(make_detection(0.5F, 4), 1);
  EXPECT_LT(part.size.width, 40);
  EXPECT_EQ(part.target.width, 2 * part.size.width);
  EXPECT_EQ(part.target.height, 2 * part.size.height);
  EXPECT_EQ(alpha_at(part, part.target.x / 2, part.target.y / 2), 0) << "a transparent border";
}

TEST(DrawHeatmap, StaysInsideAndCoversTheInspectedPart) {
  Detection detection = make_detection(4, 4);
  detection.inspected = {3, 5, 101, 67};
  const OverlayPicture picture = draw_heatmap(detection, 1);
  EXPECT_EQ(picture.target.x, 3);
  EXPECT_EQ(picture.target.y, 5);
  EXPECT_EQ(picture.target.width, 101);
  EXPECT_EQ(picture.target.height, 67);
}

TEST(DrawHeatmap, MeansTheSameOnEveryFrame) {
  const OverlayPicture warm = draw_heatmap(make_detection(1.5F, 1.5F), 1);
  const OverlayPicture beside_hot = draw_heatmap(make_detection(1.5F, 40), 1);
  EXPECT_EQ(alpha_at(warm, 4, 60), alpha_at(beside_hot, 4, 60)) << "not stretched per frame";
  EXPECT_GT(alpha_at(warm, 4, 60), 0);
}

TEST(DrawHeatmap, IsNeverMoreOpaqueThanAsked) {
  EXPECT_LE(largest_alpha(draw_heatmap(make_detection(0.5F, 100), 0.5)), 128);
}

TEST(DrawHeatmap, TakesAnyNumbers) {
  Detection detection = make_detection(0, std::numeric_limits<float>::quiet_NaN());
  draw_heatmap(detection, 1);
  detection = make_detection(0, std::numeric_limits<float>::infinity());
  draw_heatmap(detection, 1);
  detection = make_detection(1, 1);
  detection.usual_score = detection.threshold = 0;
  EXPECT_EQ(largest_alpha(draw_heatmap(detection, 1)), 255);
}

TEST(DrawHeatmap, AnswersNoMapWithNoPicture) {
  EXPECT_TRUE(draw_heatmap(Detection{}, 1).pixels.empty());
  EXPECT_TRUE(draw_contour(Detection{}, 1).pixels.empty());
}

TEST(DrawContour, OutlinesEvenALonePatchAtTheThreshold) {
  EXPECT_GT(largest_alpha(draw_contour(make_detection(0.5F, 2), 1)), 200);
}

TEST(DrawContour, DrawsNothingOnAGoodFrame) {
  EXPECT_EQ(largest_alpha(draw_contour(make_detection(0.5F, 1.9F), 1)), 0);
}

TEST(DrawLabel, FitsIntoFramesOfAnySize) {
  for (const Size frame : {Size{1, 1}, Size{16, 9}, Size{300, 300}, Size{1920, 1080}}) {
    const OverlayPicture picture = draw_label(make_detection(0, 4), "ANOMALOUS 2.00", frame);
    EXPECT_LE(picture.target.width, frame.width);
    EXPECT_LE(picture.target.height, frame.height);
    EXPECT_GT(largest_alpha(picture), 0);
  }
}

}  // namespace patchcore
