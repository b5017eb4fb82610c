// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Picture, mask, anomaly map and overlay side by side.
#include "tools/patchcore/evaluation/picture_sheet.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.h"
#include "core/heatmap.h"
#include "core/overlay_blending.h"
#include "core/scoring.h"

namespace patchcore {
namespace {

constexpr int panel_height = 256;
constexpr int gap = 4;
constexpr double opacity = 0.6;
constexpr int jpeg_quality = 85;
const cv::Scalar ground(255, 255, 255);
const cv::Scalar no_mask(96, 96, 96);

cv::Mat panel(const cv::Mat& picture) {
  const double scale = static_cast<double>(panel_height) / picture.rows;
  const int width = std::max(1, static_cast<int>(std::lround(scale * picture.cols)));
  cv::Mat resized;
  cv::resize(picture, resized, cv::Size(width, panel_height), 0, 0,
             scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  return resized;
}

cv::Mat map_picture(const Detection& detection, cv::Size size) {
  const ScoreMap map = full_map_of(detection, detection.input_size);
  cv::Mat levels(map.height, map.width, CV_8U);
  const double scale = detection.threshold > 0 ? 127.5 / detection.threshold : 0;
  std::transform(map.values.begin(), map.values.end(), levels.data, [&](float value) {
    return static_cast<std::uint8_t>(std::clamp(scale * value, 0.0, 255.0));
  });
  cv::Mat colours;
  cv::applyColorMap(levels, colours, cv::COLORMAP_INFERNO);
  cv::Mat picture(size, CV_8UC3, cv::Scalar(0, 0, 0));
  const Rect& inspected = detection.inspected;
  cv::resize(colours,
             picture(cv::Rect(inspected.x, inspected.y, inspected.width, inspected.height)),
             cv::Size(inspected.width, inspected.height), 0, 0, cv::INTER_LINEAR);
  return picture;
}

cv::Mat overlay(const cv::Mat& picture, const Detection& detection) {
  cv::Mat drawn = picture.clone();
  WritableImageView view;
  view.format = PixelFormat::bgr;
  view.size = {drawn.cols, drawn.rows};
  view.planes[0] = drawn.data;
  view.strides[0] = static_cast<std::ptrdiff_t>(drawn.step[0]);
  blend_overlay(draw_heatmap(detection, opacity), view);
  blend_overlay(draw_contour(detection, 1), view);
  return drawn;
}

}  // namespace

std::vector<std::uint8_t> draw_sheet(const LoadedPicture& picture, const LoadedMask* mask,
                                     const Detection& detection) {
  // OpenCV has no view of const memory; nothing here writes through these.
  const cv::Mat original(picture.size.height, picture.size.width, CV_8UC3,
                         const_cast<std::uint8_t*>(picture.bgr.data()));
  cv::Mat marked(original.size(), CV_8UC3, no_mask);
  if (mask != nullptr) {
    const cv::Mat grey(mask->size.height, mask->size.width, CV_8U,
                       const_cast<std::uint8_t*>(mask->values.data()));
    cv::cvtColor(grey, marked, cv::COLOR_GRAY2BGR);
  }
  const cv::Mat spacer(panel_height, gap, CV_8UC3, ground);
  cv::Mat sheet;
  cv::hconcat(std::vector<cv::Mat>{panel(original), spacer, panel(marked), spacer,
                                   panel(map_picture(detection, original.size())), spacer,
                                   panel(overlay(original, detection))},
              sheet);
  std::vector<std::uint8_t> png;
  cv::imencode(".png", sheet, png);
  return png;
}

std::vector<std::uint8_t> sheet_as_jpeg(const std::vector<std::uint8_t>& png) {
  const cv::Mat sheet = png.empty() ? cv::Mat() : cv::imdecode(png, cv::IMREAD_COLOR);
  if (sheet.empty()) throw Error(ErrorCode::corrupt, "a sheet is no picture");
  std::vector<std::uint8_t> jpeg;
  cv::imencode(".jpg", sheet, jpeg, {cv::IMWRITE_JPEG_QUALITY, jpeg_quality});
  return jpeg;
}

}  // namespace patchcore
