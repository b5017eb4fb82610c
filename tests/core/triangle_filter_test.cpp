// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the resizing filter: the weights of Pillow's bilinear filter, none outside the picture.
#include "core/triangle_filter.h"

#include <gtest/gtest.h>

#include <numeric>

namespace patchcore {

// Worked out by hand from the definition.
TEST(TriangleFilter, WidensWhenShrinking) {
  const TriangleFilter filter(4, 2, 0, 2);
  const auto taps = filter.taps(0);
  ASSERT_EQ(taps.first, 0);
  ASSERT_EQ(taps.count, 3);
  EXPECT_FLOAT_EQ(taps.weights[0], 3.0F / 7);
  EXPECT_FLOAT_EQ(taps.weights[1], 3.0F / 7);
  EXPECT_FLOAT_EQ(taps.weights[2], 1.0F / 7);
}

TEST(TriangleFilter, InterpolatesWhenEnlarging) {
  const TriangleFilter filter(2, 4, 0, 4);
  EXPECT_EQ(filter.taps(0).count, 1);  // nothing lies beyond the border
  const auto taps = filter.taps(1);
  ASSERT_EQ(taps.count, 2);
  EXPECT_FLOAT_EQ(taps.weights[0], 0.75F);
  EXPECT_FLOAT_EQ(taps.weights[1], 0.25F);
}

TEST(TriangleFilter, CopiesWhenTheLengthStays) {
  const TriangleFilter filter(7, 7, 0, 7);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(filter.taps(i).first, i);
    ASSERT_EQ(filter.taps(i).count, 1);
    EXPECT_EQ(filter.taps(i).weights[0], 1);
  }
}

TEST(TriangleFilter, OfAPartIsThePartOfTheWhole) {
  const TriangleFilter whole(1080, 192, 0, 192);
  const TriangleFilter part(1080, 192, 50, 60);
  for (int i = 0; i < part.size(); ++i) {
    EXPECT_EQ(part.taps(i).first, whole.taps(50 + i).first);
    EXPECT_EQ(part.taps(i).count, whole.taps(50 + i).count);
    EXPECT_EQ(part.taps(i).weights[0], whole.taps(50 + i).weights[0]);
  }
  EXPECT_EQ(part.input_begin(), whole.taps(50).first);
  EXPECT_EQ(part.input_end(), whole.taps(59).first + whole.taps(59).count);
}

// A weight outside the picture would read foreign memory.
TEST(TriangleFilter, StaysInsideAndSumsToOneAtAnyRatio) {
  for (const int input : {1, 2, 31, 32, 33, 540, 1080}) {
    for (const int output : {1, 2, 32, 224, 257, 2000}) {
      const TriangleFilter filter(input, output, 0, output);
      int previous_end = 0;
      for (int i = 0; i < output; ++i) {
        const auto taps = filter.taps(i);
        ASSERT_GE(taps.first, 0);
        ASSERT_GE(taps.count, 1);
        ASSERT_LE(taps.first + taps.count, input);
        ASSERT_GE(taps.first + taps.count, previous_end);
        previous_end = taps.first + taps.count;
        EXPECT_EQ(filter.first()[i], taps.first);
        for (int zero = taps.count; zero < filter.padded_taps(); ++zero)
          EXPECT_EQ(filter.weights()[i * filter.padded_taps() + zero], 0);
        EXPECT_NEAR(std::accumulate(taps.weights, taps.weights + taps.count, 0.0), 1, 1e-5);
      }
      EXPECT_EQ(filter.input_begin(), 0);
      EXPECT_EQ(filter.input_end(), input);
    }
  }
}

}  // namespace patchcore
