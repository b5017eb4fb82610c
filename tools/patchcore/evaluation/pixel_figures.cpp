// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The figures over all pixels of all pictures: exact, in bounded memory.
#include "tools/patchcore/evaluation/pixel_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/error.h"

namespace patchcore {
namespace {

// What a pixel is, in one number: normal in a normal picture, normal in an anomalous one, or
// `first_region` and the number of its region among all.
using Kind = std::uint32_t;
constexpr Kind normal_in_normal = 0;
constexpr Kind normal_in_anomalous = 1;
constexpr Kind first_region = 2;

// Of a key: a range of scores that share their upper half.
constexpr std::size_t ranges = std::size_t{1} << 16;
constexpr int range_shift = 16;
constexpr std::uint32_t lower_half = 0xFFFF;

/// Orders as the floats do.
std::uint32_t key_of(float score) {
  if (!std::isfinite(score)) {
    throw Error(ErrorCode::internal, "a map has a value that is no number");
  }
  score += 0.0F;  // of -0 makes 0
  std::uint32_t bits = 0;
  std::memcpy(&bits, &score, sizeof bits);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

float score_of(std::uint32_t key) {
  const std::uint32_t bits = (key & 0x80000000U) != 0 ? key & 0x7FFFFFFFU : ~key;
  float score = 0;
  std::memcpy(&score, &bits, sizeof score);
  return score;
}

/// All that is needed of the pixels with one score.
struct Level {
  std::uint64_t normal_in_normal = 0;
  std::uint64_t normal_in_anomalous = 0;
  std::uint64_t anomalous = 0;
  double overlap = 0;  ///< of the anomalous ones, the sum of 1 / their region's size

  std::uint64_t normal() const { return normal_in_normal + normal_in_anomalous; }
};

/// Goes through the pixels of all pictures.
class Pixels {
 public:
  Pixels(std::size_t pictures, const EvaluatedMaps& maps) : pictures_(pictures), maps_(maps) {
    std::vector<Kind> kinds;
    for (std::size_t picture = 0; picture < pictures_; ++picture) {
      const EvaluatedMap map = maps_(picture);
      first_regions_.push_back(static_cast<Kind>(region_sizes_.size()));
      label(map, kinds);
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        ++range_sizes_[key_of(map.scores.values[i]) >> range_shift];
        add_to(all_, kinds[i]);
      }
    }
  }

  /// Of keys from @p first on, and before @p end, in any order.
  template <typename Visit>
  void visit(std::uint64_t first, std::uint64_t end, Visit&& visit) {
    std::vector<Kind> kinds;
    for (std::size_t picture = 0; picture < pictures_; ++picture) {
      const EvaluatedMap map = maps_(picture);
      region_sizes_.resize(first_regions_[picture]);
      label(map, kinds);
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        const std::uint32_t key = key_of(map.scores.values[i]);
        if (key >= first && key < end) visit(key, kinds[i]);
      }
    }
  }

  void add_to(Level& level, Kind kind) const {
    if (kind == normal_in_normal) {
      ++level.normal_in_normal;
    } else if (kind == normal_in_anomalous) {
      ++level.normal_in_anomalous;
    } else {
      ++level.anomalous;
      level.overlap += 1.0 / static_cast<double>(region_sizes_[kind - first_region]);
    }
  }

  const Level& all() const { return all_; }
  std::uint64_t regions() const { return region_sizes_.size(); }
  const std::vector<std::uint64_t>& range_sizes() const { return range_sizes_; }

 private:
  /// Sets @p kinds, one a pixel, and appends the sizes of the picture's regions.
  void label(const EvaluatedMap& map, std::vector<Kind>& kinds) {
    const ScoreMap& scores = map.scores;
    const Mask& mask = *map.mask;
    const std::size_t pixels = scores.values.size();
    if (mask.size.width != scores.width || mask.size.height != scores.height ||
        pixels !=
            static_cast<std::size_t>(scores.width) * static_cast<std::size_t>(scores.height) ||
        (!mask.anomalous.empty() && mask.anomalous.size() != pixels)) {
      throw Error(ErrorCode::internal, "a map of " + size_text({scores.width, scores.height}) +
                                           " for a mask of " + size_text(mask.size));
    }
    kinds.assign(pixels, mask.of_anomalous_picture ? normal_in_anomalous : normal_in_normal);
    if (mask.anomalous.empty()) return;
    cv::Mat picture(mask.size.height, mask.size.width, CV_8U);
    std::copy(mask.anomalous.begin(), mask.anomalous.end(), picture.data);
    cv::Mat labels;
    const int found = cv::connectedComponents(picture, labels, 8, CV_32S);
    const std::size_t before = region_sizes_.size();
    region_sizes_.resize(before + static_cast<std::size_t>(found) - 1);
    const int* label = labels.ptr<int>();
    for (std::size_t i = 0; i < pixels; ++i) {
      if (label[i] == 0) continue;
      const std::size_t region = before + static_cast<std::size_t>(label[i]) - 1;
      ++region_sizes_[region];
      kinds[i] = first_region + static_cast<Kind>(region);
    }
  }

  std::size_t pictures_;
  const EvaluatedMaps& maps_;
  std::vector<Kind> first_regions_;          ///< for each picture the number of its first region
  std::vector<std::uint32_t> region_sizes_;  ///< of all pictures up to the latest
  std::vector<std::uint64_t> range_sizes_ = std::vector<std::uint64_t>(ranges);
  Level all_;
};

/// The four sums.
class Curves {
 public:
  Curves(const Pixels& pixels, double pro_limit)
      : full_(pixels.all().normal(), pixels.all().anomalous),
        anomaly_(pixels.all().normal_in_anomalous, pixels.all().anomalous),
        full_overlap_(pixels.all().normal(), pixels.regions(), pro_limit),
        anomaly_overlap_(pixels.all().normal_in_anomalous, pixels.regions(), pro_limit) {}

  void add(std::uint32_t key, const Level& level) {
    const double score = score_of(key);
    full_.add({score, level.normal(), level.anomalous});
    full_overlap_.add(level.normal(), level.overlap);
    if (level.normal_in_anomalous + level.anomalous == 0) return;
    anomaly_.add({score, level.normal_in_anomalous, level.anomalous});
    anomaly_overlap_.add(level.normal_in_anomalous, level.overlap);
  }

  void put_into(PixelFigures& figures) const {
    figures.full = full_.figures();
    figures.full_pro = full_overlap_.figure();
    if (const auto anomaly = anomaly_.figures()) figures.anomaly_auroc = anomaly->auroc;
    figures.anomaly_pro = anomaly_overlap_.figure();
  }

 private:
  RankingCurve full_;
  RankingCurve anomaly_;
  RegionOverlap full_overlap_;
  RegionOverlap anomaly_overlap_;
};

/// Of ranges that have few enough pixels together: sorts them.
void walk_sorted(Pixels& pixels, std::uint64_t first, std::uint64_t end, std::size_t count,
                 Curves& curves) {
  std::vector<std::uint64_t> sorted;  // the key, then the kind
  sorted.reserve(count);
  pixels.visit(first, end, [&](std::uint32_t key, Kind kind) {
    sorted.push_back(std::uint64_t{key} << 32 | kind);
  });
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  for (std::size_t i = 0; i < sorted.size();) {
    const auto key = static_cast<std::uint32_t>(sorted[i] >> 32);
    Level level;
    for (; i < sorted.size() && sorted[i] >> 32 == key; ++i) {
      pixels.add_to(level, static_cast<Kind>(sorted[i]));
    }
    curves.add(key, level);
  }
}

/// Of one range, however many pixels it has: a level for each of its keys.
void walk_counted(Pixels& pixels, std::uint64_t first, Curves& curves) {
  std::vector<Level> levels(lower_half + 1);
  pixels.visit(first, first + levels.size(), [&](std::uint32_t key, Kind kind) {
    pixels.add_to(levels[key & lower_half], kind);
  });
  for (std::size_t i = levels.size(); i-- > 0;) {
    if (levels[i].normal() + levels[i].anomalous == 0) continue;
    curves.add(static_cast<std::uint32_t>(first + i), levels[i]);
  }
}

}  // namespace

PixelFigures pixel_figures(std::size_t pictures, const EvaluatedMaps& maps,
                           const PixelFiguresOptions& options) {
  Pixels pixels(pictures, maps);
  PixelFigures figures;
  figures.anomalous_pixels = pixels.all().anomalous;
  figures.pixels = pixels.all().normal() + figures.anomalous_pixels;
  figures.regions = pixels.regions();

  Curves curves(pixels, options.pro_limit);
  const std::vector<std::uint64_t>& sizes = pixels.range_sizes();
  for (std::size_t end = ranges; end > 0;) {
    // As many ranges as may be sorted together, from the highest scores down.
    std::size_t begin = end;
    std::uint64_t count = 0;
    while (begin > 0 && count + sizes[begin - 1] <= options.pixels_at_a_time) {
      count += sizes[--begin];
    }
    if (begin == end) {
      --begin;
      walk_counted(pixels, std::uint64_t{begin} << range_shift, curves);
    } else if (count > 0) {
      walk_sorted(pixels, std::uint64_t{begin} << range_shift, std::uint64_t{end} << range_shift,
                  count, curves);
    }
    end = begin;
  }
  curves.put_into(figures);
  return figures;
}

}  // namespace patchcore
