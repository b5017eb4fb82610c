// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What is drawn over an inspected frame: heatmap, contour and label, as pictures with alpha.
#include "core/heatmap.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/error.h"
#include "core/map_matrix.h"
#include "core/scoring.h"

namespace patchcore {
namespace {

using Bgra = cv::Vec4b;

OverlayPicture make_picture(Size size, Rect target) {
  OverlayPicture picture;
  picture.size = size;
  picture.target = target;
  picture.pixels.resize(4 * static_cast<std::size_t>(size.width) * size.height);
  return picture;
}

cv::Mat as_mat(OverlayPicture& picture) {
  return cv::Mat(picture.size.height, picture.size.width, CV_8UC4, picture.pixels.data());
}

bool has_map(const Detection& detection) {
  return detection.map.height > 0 && detection.map.width > 0 && detection.input_size.width > 0 &&
         detection.input_size.height > 0;
}

std::uint8_t to_byte(double share) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

/// Whether anything can show: no value between those of the map is above all of them.
bool has_heat(const Detection& detection) {
  return std::any_of(detection.map.values.begin(), detection.map.values.end(), [&](float value) {
    return value > detection.usual_score || value >= detection.threshold;
  });
}

/// From scores to colours: 0 up to the usual score, 1 from the threshold on, 0 for what is no
/// number; yellow for warm to red for hot, rising smoothly out of transparency.
struct HeatScale {
  float usual;
  float threshold;
  float per_score;
  float opacity;
};

HeatScale heat_scale(const Detection& detection, double opacity) {
  const double range = detection.threshold - detection.usual_score;
  return {static_cast<float>(detection.usual_score), static_cast<float>(detection.threshold),
          static_cast<float>(range > 0 ? 1 / range : 0),
          static_cast<float>(std::clamp(opacity, 0.0, 1.0))};
}

/// In blocks and small loops, each of which the compiler vectorizes.
void colour_row(const float* values, int count, const HeatScale& scale, Bgra* pixels) {
  constexpr int block = 64;
  const HeatScale of = scale;
  for (int begin = 0; begin < count; begin += block) {
    const int width = std::min(block, count - begin);
    float heat[block];
    std::int32_t green[block];
    std::int32_t alpha[block];
    for (int i = 0; i < width; ++i) {
      const float value = values[begin + i];
      const float share = (value - of.usual) * of.per_score;
      const float positive = share > 0 ? share : 0;
      heat[i] = value >= of.threshold ? 1 : positive;
    }
    for (int i = 0; i < width; ++i) heat[i] = heat[i] < 1 ? heat[i] : 1;
    for (int i = 0; i < width; ++i) {
      const float shown = of.opacity * heat[i] * heat[i] * (3 - 2 * heat[i]);
      green[i] = static_cast<std::int32_t>(255 * (1 - heat[i]) + 0.5F);
      alpha[i] = static_cast<std::int32_t>(255 * shown + 0.5F);
    }
    for (int i = 0; i < width; ++i) {
      pixels[begin + i] = {0, static_cast<std::uint8_t>(green[i]), 255,
                           static_cast<std::uint8_t>(alpha[i])};
    }
  }
}

/// Only the part that shows: whoever scales and blends the picture pays for every pixel, and on
/// good frames nearly all are transparent. A transparent border of one pixel stays, so that edges
/// fade as they did.
OverlayPicture crop_to_visible(OverlayPicture picture) {
  const cv::Mat pixels = as_mat(picture);
  cv::Mat alpha;
  cv::extractChannel(pixels, alpha, 3);
  cv::Rect box = cv::boundingRect(alpha);
  if (box.empty()) return {};
  box = cv::Rect(box.x - 1, box.y - 1, box.width + 2, box.height + 2) &
        cv::Rect(0, 0, pixels.cols, pixels.rows);
  if (box.size() == pixels.size()) return picture;

  const double across = static_cast<double>(picture.target.width) / pixels.cols;
  const double down = static_cast<double>(picture.target.height) / pixels.rows;
  const auto left = static_cast<int>(std::lround(box.x * across));
  const auto top = static_cast<int>(std::lround(box.y * down));
  const auto right = static_cast<int>(std::lround((box.x + box.width) * across));
  const auto bottom = static_cast<int>(std::lround((box.y + box.height) * down));
  OverlayPicture cropped =
      make_picture({box.width, box.height},
                   {picture.target.x + left, picture.target.y + top, right - left, bottom - top});
  pixels(box).copyTo(as_mat(cropped));
  return cropped;
}

template <typename Draw>
OverlayPicture guarded(Draw&& draw) {
  try {
    return draw();
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::internal, std::string("OpenCV failed to draw: ") + error.what());
  }
}

}  // namespace

OverlayPicture draw_heatmap(const Detection& detection, double opacity) {
  if (!has_map(detection) || !has_heat(detection)) return {};
  return guarded([&] {
    ScoreMap smooth = full_anomaly_map(detection.map, detection.input_size);
    cv::Mat sharp;
    cv::resize(as_mat(detection.map), sharp, as_mat(smooth).size(), 0, 0, cv::INTER_LINEAR);
    // Smoothing lowers peaks: alone it would leave a small defect pale that raised the alarm.
    cv::Mat values = as_mat(smooth);
    cv::max(values, sharp, values);

    OverlayPicture picture = make_picture(detection.input_size, detection.inspected);
    cv::Mat pixels = as_mat(picture);
    const HeatScale scale = heat_scale(detection, opacity);
    for (int row = 0; row < pixels.rows; ++row) {
      colour_row(values.ptr<float>(row), pixels.cols, scale, pixels.ptr<Bgra>(row));
    }
    return crop_to_visible(std::move(picture));
  });
}

OverlayPicture draw_contour(const Detection& detection, double opacity) {
  if (!has_map(detection)) return {};
  return guarded([&] {
    const cv::Size size(detection.input_size.width, detection.input_size.height);
    cv::Mat smooth, cells;
    cv::resize(as_mat(detection.map), smooth, size, 0, 0, cv::INTER_LINEAR);
    // Interpolation between samples can miss a lone peak; its cell must have an outline all the
    // same.
    cv::resize(as_mat(detection.map), cells, size, 0, 0, cv::INTER_NEAREST);
    const cv::Mat mask = cv::max(smooth, cells) >= detection.threshold;
    std::vector<std::vector<cv::Point>> outlines;
    cv::findContours(mask, outlines, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
    cv::Mat lines = cv::Mat::zeros(size, CV_8U);
    cv::drawContours(lines, outlines, -1, cv::Scalar(to_byte(opacity)), 2, cv::LINE_AA);

    OverlayPicture picture = make_picture(detection.input_size, detection.inspected);
    cv::Mat pixels = as_mat(picture);
    for (int row = 0; row < pixels.rows; ++row) {
      for (int column = 0; column < pixels.cols; ++column) {
        pixels.at<Bgra>(row, column) = {0, 0, 255, lines.at<std::uint8_t>(row, column)};
      }
    }
    return crop_to_visible(std::move(picture));
  });
}

OverlayPicture draw_label(const Detection& detection, const std::string& text, Size frame) {
  if (frame.width < 1 || frame.height < 1) return {};
  return guarded([&] {
    constexpr int font = cv::FONT_HERSHEY_SIMPLEX;
    // At scale 1 a line is about 22 pixels high; a label is a twentieth of the frame.
    double scale = std::max(0.35, frame.height / 20.0 / 22.0);
    int thickness = std::max(1, static_cast<int>(std::lround(1.5 * scale)));
    int baseline = 0;
    const cv::Size at_scale = cv::getTextSize(text, font, scale, thickness, &baseline);
    const double too_wide = (at_scale.width + at_scale.height) / static_cast<double>(frame.width);
    const double too_high = 2.0 * (at_scale.height + baseline) / frame.height;
    scale /= std::max({1.0, too_wide, too_high});
    thickness = std::max(1, static_cast<int>(std::lround(1.5 * scale)));

    const cv::Size line = cv::getTextSize(text, font, scale, thickness, &baseline);
    const int margin = std::max(1, line.height / 2);
    const Size plate = {std::min(frame.width, line.width + 2 * margin),
                        std::min(frame.height, line.height + baseline + 2 * margin)};
    OverlayPicture picture = make_picture(plate, {0, 0, plate.width, plate.height});
    cv::Mat pixels = as_mat(picture);
    pixels = detection.anomalous ? cv::Scalar(0, 0, 160, 220) : cv::Scalar(0, 96, 0, 220);
    cv::putText(pixels, text, cv::Point(margin, margin + line.height), font, scale,
                cv::Scalar(255, 255, 255, 255), thickness, cv::LINE_AA);
    return picture;
  });
}

}  // namespace patchcore
