// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the figures over pixels. Values marked as scikit-learn's and scikit-image's are of 1.2.1
// and 0.19.3, by tests/tools/patchcore/evaluation/reference_values.py.
#include "tools/patchcore/evaluation/pixel_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

struct Example {
  std::vector<ScoreMap> maps;
  std::vector<Mask> masks;

  EvaluatedMaps source() const {
    return [this](std::size_t picture) { return EvaluatedMap{maps[picture], &masks[picture]}; };
  }
  PixelFigures figures(std::size_t pixels_at_a_time = 1 << 20) const {
    PixelFiguresOptions options;
    options.pixels_at_a_time = pixels_at_a_time;
    return pixel_figures(maps.size(), source(), options);
  }
};

/// As reference_values.py makes it: five pictures of different sizes, two of them normal, with
/// regions that touch at corners and scores that are often equal.
Example reference_example() {
  Example example;
  for (int picture = 0; picture < 5; ++picture) {
    const int width = 40 + 3 * picture;
    const int height = 30 + 2 * picture;
    ScoreMap map{height, width, {}};
    Mask mask{{width, height}, {}, picture >= 2};
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const bool block = (x / 5 + y / 4) % 6 == 0 && x > 9 && (x / 10) % 2 == picture % 2;
        const bool anomalous = mask.of_anomalous_picture && block;
        const int noise = (x * x * 31 + y * 57 + x * y * 13 + picture * 91) % 101;
        map.values.push_back(static_cast<float>(noise + (anomalous ? 30 : 0)) / 8);
        if (mask.of_anomalous_picture) mask.anomalous.push_back(anomalous);
      }
    }
    example.maps.push_back(map);
    example.masks.push_back(mask);
  }
  return example;
}

/// Every pixel is written by hand.
Example hand_made(std::vector<float> scores, std::vector<bool> anomalous, int width) {
  const int height = static_cast<int>(scores.size()) / width;
  Example example;
  example.maps.push_back({height, width, std::move(scores)});
  example.masks.push_back({{width, height}, std::move(anomalous), true});
  return example;
}

void expect_same(const PixelFigures& a, const PixelFigures& b) {
  EXPECT_EQ(a.pixels, b.pixels);
  EXPECT_EQ(a.anomalous_pixels, b.anomalous_pixels);
  EXPECT_EQ(a.regions, b.regions);
  EXPECT_NEAR(a.full->auroc, b.full->auroc, 1e-12);
  EXPECT_NEAR(a.full->average_precision, b.full->average_precision, 1e-12);
  EXPECT_NEAR(a.full->best_f1, b.full->best_f1, 1e-12);
  EXPECT_EQ(a.full->best_f1_threshold, b.full->best_f1_threshold);
  EXPECT_NEAR(*a.full_pro, *b.full_pro, 1e-12);
  EXPECT_NEAR(*a.anomaly_auroc, *b.anomaly_auroc, 1e-12);
  EXPECT_NEAR(*a.anomaly_pro, *b.anomaly_pro, 1e-12);
}

}  // namespace

TEST(PixelFigures, AreThoseOfScikitLearnAndScikitImage) {
  const PixelFigures figures = reference_example().figures();
  EXPECT_EQ(figures.pixels, 7880U);
  EXPECT_EQ(figures.anomalous_pixels, 324U);
  EXPECT_EQ(figures.regions, 10U);
  EXPECT_NEAR(figures.full->auroc, 0.7670051271493834, 1e-9);
  EXPECT_NEAR(figures.full->average_precision, 0.3957090951830025, 1e-9);
  EXPECT_NEAR(figures.full->best_f1, 0.48243559718969553, 1e-9);
  EXPECT_NEAR(figures.full->best_f1_threshold, 12.625, 1e-9);
  EXPECT_NEAR(*figures.full_pro, 0.476875285571437, 1e-9);
  EXPECT_NEAR(*figures.anomaly_auroc, 0.7693369155634886, 1e-9);
  EXPECT_NEAR(*figures.anomaly_pro, 0.4812567631637662, 1e-9);
}

TEST(PixelFigures, AreTheSameInAnyNumberOfSlices) {
  const Example example = reference_example();
  const PixelFigures whole = example.figures();
  for (const std::size_t slice : {0, 1, 7, 500, 4000}) {
    SCOPED_TRACE(slice);
    expect_same(example.figures(slice), whole);
  }
}

TEST(PixelFigures, AreTheSameInSlicesForScoresOfAnySizeAndSign) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  Example example;
  for (int picture = 0; picture < 3; ++picture) {
    ScoreMap map{20, 30, {}};
    Mask mask{{30, 20}, {}, true};
    for (int i = 0; i < 600; ++i) {
      map.values.push_back(std::ldexp(normal(random), static_cast<int>(random() % 40) - 20));
      mask.anomalous.push_back(random() % 4 == 0);
    }
    map.values[0] = -0.0F;
    map.values[1] = 0.0F;
    example.maps.push_back(map);
    example.masks.push_back(mask);
  }
  const PixelFigures whole = example.figures();
  std::vector<LabelledScore> scores;
  for (std::size_t picture = 0; picture < 3; ++picture) {
    for (std::size_t i = 0; i < 600; ++i) {
      scores.push_back({example.maps[picture].values[i], example.masks[picture].anomalous[i]});
    }
  }
  const auto listed = ranking_figures(scores);
  EXPECT_NEAR(whole.full->auroc, listed->auroc, 1e-12);
  EXPECT_NEAR(whole.full->average_precision, listed->average_precision, 1e-12);
  EXPECT_EQ(whole.full->best_f1_threshold, listed->best_f1_threshold);
  expect_same(example.figures(100), whole);
  expect_same(example.figures(0), whole);
}

TEST(PixelFigures, CountPixelsThatTouchAtACornerAsOneRegion) {
  const PixelFigures figures =
      hand_made({9, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 7}, {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}, 3)
          .figures();
  EXPECT_EQ(figures.regions, 2U);
  EXPECT_EQ(figures.anomalous_pixels, 3U);
}

TEST(PixelFigures, WeighASmallRegionAsALargeOneInPro) {
  // Four pixels are found at once, the fifth, a region of its own, only after all normal ones.
  const std::vector<bool> anomalous = {1, 1, 1, 1, 0, 0, 0, 0, 0, 1};
  const PixelFigures figures = hand_made({9, 9, 9, 9, 5, 4, 3, 2, 1, 0}, anomalous, 10).figures();
  EXPECT_EQ(figures.regions, 2U);
  EXPECT_NEAR(*figures.full_pro, 0.5, 1e-12);
  EXPECT_NEAR(figures.full->auroc, 0.8, 1e-12);
}

TEST(PixelFigures, OfAnomalousPicturesLeaveTheOthersOut) {
  Example example = hand_made({5, 1, 1, 1}, {1, 0, 0, 0}, 2);
  example.maps.push_back({2, 2, {9, 9, 9, 9}});
  example.masks.push_back({{2, 2}, {}, false});
  const PixelFigures figures = example.figures();
  EXPECT_NEAR(*figures.anomaly_auroc, 1, 1e-12);
  EXPECT_NEAR(*figures.anomaly_pro, 1, 1e-12);
  EXPECT_NEAR(figures.full->auroc, 3.0 / 7, 1e-12);
  EXPECT_EQ(*figures.full_pro, 0);
}

TEST(PixelFigures, KeepAnAnomalousPictureWhoseDefectHasVanished) {
  Example example = hand_made({5, 1, 1, 1}, {1, 0, 0, 0}, 2);
  example.maps.push_back({2, 2, {9, 9, 0, 0}});
  example.masks.push_back({{2, 2}, {}, true});
  EXPECT_NEAR(*example.figures().anomaly_auroc, 5.0 / 7, 1e-12);
}

TEST(PixelFigures, DoNotExistWithoutDefects) {
  Example example;
  example.maps.push_back({1, 2, {1, 2}});
  example.masks.push_back({{2, 1}, {}, false});
  const PixelFigures figures = example.figures();
  EXPECT_EQ(figures.pixels, 2U);
  EXPECT_FALSE(figures.full);
  EXPECT_FALSE(figures.full_pro);
  EXPECT_FALSE(figures.anomaly_auroc);
  EXPECT_FALSE(figures.anomaly_pro);
  EXPECT_EQ(pixel_figures(0, example.source()).pixels, 0U);
}

TEST(PixelFigures, RefuseWhatIsNoNumber) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_ERROR(hand_made({1, value}, {1, 0}, 2).figures(), internal, "no number");
  }
}

TEST(PixelFigures, RefuseAMaskOfAnotherSize) {
  Example example = hand_made({1, 2, 3, 4}, {1, 0, 0, 0}, 2);
  example.masks[0].size = {4, 1};
  EXPECT_ERROR(example.figures(), internal, "a map of 2x2 for a mask of 4x1");
  example.masks[0] = {{2, 2}, {1, 0, 0}, true};
  EXPECT_ERROR(example.figures(), internal, "a map of 2x2");
}

}  // namespace patchcore
