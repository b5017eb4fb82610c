// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the sheets of picture, mask, map and overlay.
#include "tools/patchcore/evaluation/picture_sheet.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

/// Grey, with an anomaly in the lower right of the map.
struct Example {
  Example() {
    picture.size = {128, 128};
    picture.bgr.assign(3 * 128 * 128, 100);
    mask.size = picture.size;
    mask.values.assign(128 * 128, 0);
    for (int y = 64; y < 128; ++y) {
      for (int x = 64; x < 128; ++x) mask.values[static_cast<std::size_t>(128 * y + x)] = 255;
    }
    detection.score = 2;
    detection.threshold = 1;
    detection.usual_score = 0.5;
    detection.anomalous = true;
    detection.map = {4, 4, std::vector<float>(16, 0.1F)};
    for (const std::size_t i : {10, 11, 14, 15}) detection.map.values[i] = 2;
    detection.inspected = {0, 0, 128, 128};
    detection.input_size = {128, 128};
  }

  LoadedPicture picture;
  LoadedMask mask;
  Detection detection;
};

cv::Vec3b at(const cv::Mat& sheet, int panel, int x, int y) {
  return sheet.at<cv::Vec3b>(y, panel * 260 + x);
}

cv::Mat decoded(const std::vector<std::uint8_t>& png) {
  return cv::imdecode(png, cv::IMREAD_COLOR);
}

}  // namespace

TEST(DrawSheet, PutsFourPanelsSideBySide) {
  const Example example;
  const cv::Mat sheet = decoded(draw_sheet(example.picture, &example.mask, example.detection));
  ASSERT_EQ(sheet.cols, 4 * 256 + 3 * 4);
  ASSERT_EQ(sheet.rows, 256);
  EXPECT_EQ(at(sheet, 0, 200, 200), cv::Vec3b(100, 100, 100));
  EXPECT_EQ(at(sheet, 1, 30, 30), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(at(sheet, 1, 200, 200), cv::Vec3b(255, 255, 255));
  EXPECT_LT(at(sheet, 2, 30, 30)[2], 60);     // nearly black
  EXPECT_GT(at(sheet, 2, 220, 220)[2], 240);  // nearly white
  EXPECT_EQ(at(sheet, 3, 30, 30), cv::Vec3b(100, 100, 100));
  EXPECT_GT(at(sheet, 3, 200, 200)[2], 160);  // red of the heatmap
  EXPECT_EQ(at(sheet, 0, 257, 5), cv::Vec3b(255, 255, 255));
}

TEST(DrawSheet, ShowsThatThereIsNoMask) {
  const Example example;
  const cv::Mat sheet = decoded(draw_sheet(example.picture, nullptr, example.detection));
  EXPECT_EQ(at(sheet, 1, 30, 30), cv::Vec3b(96, 96, 96));
}

TEST(DrawSheet, LeavesBlackWhatWasNotInspected) {
  Example example;
  example.detection.inspected = {64, 64, 64, 64};
  example.detection.map.values.assign(16, 2);
  const cv::Mat sheet = decoded(draw_sheet(example.picture, &example.mask, example.detection));
  EXPECT_EQ(at(sheet, 2, 60, 60), cv::Vec3b(0, 0, 0));
  EXPECT_GT(at(sheet, 2, 200, 200)[2], 200);
}

TEST(DrawSheet, KeepsTheAspect) {
  Example example;
  example.picture.size = {256, 64};
  example.mask.size = {256, 64};
  example.detection.inspected = {0, 0, 256, 64};
  example.detection.input_size = {256, 64};
  const cv::Mat sheet = decoded(draw_sheet(example.picture, &example.mask, example.detection));
  EXPECT_EQ(sheet.cols, 4 * 1024 + 3 * 4);
}

TEST(SheetAsJpeg, IsSmallerAndAlike) {
  const Example example;
  const auto png = draw_sheet(example.picture, &example.mask, example.detection);
  const auto jpeg = sheet_as_jpeg(png);
  const cv::Mat sheet = decoded(jpeg);
  EXPECT_EQ(sheet.size(), decoded(png).size());
  EXPECT_NEAR(at(sheet, 0, 200, 200)[0], 100, 3);
  EXPECT_EQ(jpeg[0], 0xFF);
  EXPECT_EQ(jpeg[1], 0xD8);
}

TEST(SheetAsJpeg, RefusesWhatIsNoPicture) {
  EXPECT_ERROR(sheet_as_jpeg({}), corrupt, "sheet");
  EXPECT_ERROR(sheet_as_jpeg({1, 2, 3}), corrupt, "sheet");
}

}  // namespace patchcore
