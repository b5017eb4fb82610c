// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The connected parts of a score map that reach the threshold.
#include "core/regions.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/error.h"

namespace patchcore {
namespace {

/// From patch grid to frame pixels.
struct GridToFrame {
  Rect inspected;
  double cell_width;
  double cell_height;

  Rect box(int left, int top, int width, int height) const {
    const auto x0 = static_cast<int>(std::floor(left * cell_width));
    const auto y0 = static_cast<int>(std::floor(top * cell_height));
    const auto x1 = static_cast<int>(std::ceil((left + width) * cell_width));
    const auto y1 = static_cast<int>(std::ceil((top + height) * cell_height));
    return {inspected.x + x0, inspected.y + y0, std::min(x1, inspected.width) - x0,
            std::min(y1, inspected.height) - y0};
  }

  int centre_x(int column) const {
    return inspected.x + static_cast<int>((column + 0.5) * cell_width);
  }
  int centre_y(int row) const { return inspected.y + static_cast<int>((row + 0.5) * cell_height); }
};

std::vector<Region> label_regions(const ScoreMap& map, const GridToFrame& to_frame,
                                  double threshold) {
  cv::Mat mask(map.height, map.width, CV_8U);
  for (int row = 0; row < map.height; ++row) {
    for (int column = 0; column < map.width; ++column) {
      const float value = map.values[static_cast<std::size_t>(row) * map.width + column];
      mask.at<std::uint8_t>(row, column) = value >= threshold ? 255 : 0;
    }
  }
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids, 8, CV_32S);

  std::vector<Region> regions(std::max(0, count - 1));  // label 0 is the background
  for (int label = 1; label < count; ++label) {
    Region& region = regions[label - 1];
    region.box = to_frame.box(
        stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
        stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    region.area =
        stats.at<int>(label, cv::CC_STAT_AREA) * to_frame.cell_width * to_frame.cell_height;
    region.peak = -1;
  }
  for (int row = 0; row < map.height; ++row) {
    for (int column = 0; column < map.width; ++column) {
      const int label = labels.at<int>(row, column);
      const float value = map.values[static_cast<std::size_t>(row) * map.width + column];
      if (label == 0 || value <= regions[label - 1].peak) continue;
      Region& region = regions[label - 1];
      region.peak = value;
      region.peak_x = to_frame.centre_x(column);
      region.peak_y = to_frame.centre_y(row);
    }
  }
  return regions;
}

}  // namespace

std::vector<Region> find_regions(const ScoreMap& map, Rect inspected, double threshold,
                                 double min_area) {
  if (map.height < 1 || map.width < 1) return {};
  if (map.values.size() != static_cast<std::size_t>(map.height) * map.width) {
    throw Error(ErrorCode::invalid_argument, "a score map of " +
                                                 size_text({map.width, map.height}) + " has " +
                                                 std::to_string(map.values.size()) + " values");
  }
  const GridToFrame to_frame = {inspected, static_cast<double>(inspected.width) / map.width,
                                static_cast<double>(inspected.height) / map.height};
  try {
    std::vector<Region> regions = label_regions(map, to_frame, threshold);
    regions.erase(std::remove_if(regions.begin(), regions.end(),
                                 [&](const Region& region) { return region.area < min_area; }),
                  regions.end());
    std::sort(regions.begin(), regions.end(),
              [](const Region& a, const Region& b) { return a.peak > b.peak; });
    return regions;
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::internal, std::string("OpenCV failed to find regions: ") + error.what());
  }
}

}  // namespace patchcore
