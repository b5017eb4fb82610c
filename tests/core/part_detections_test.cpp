// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the result of a frame whose parts were inspected: it is that of its worst part, and
// shows every part where it is.
#include "core/part_detections.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

Detection make_part(Rect inspected, int cells, float value, double score) {
  Detection part;
  part.score = score;
  part.threshold = 10;
  part.usual_score = 2;
  part.anomalous = score >= 10;
  part.inspected = inspected;
  part.input_size = {8 * cells, 8 * cells};
  part.map = {cells, cells, std::vector<float>(static_cast<std::size_t>(cells) * cells, value)};
  if (part.anomalous) part.regions = {{inspected, 4, score, inspected.x, inspected.y}};
  return part;
}

float at(const Detection& frame, int x, int y) {
  const int column = (x - frame.inspected.x) * frame.map.width / frame.inspected.width;
  const int row = (y - frame.inspected.y) * frame.map.height / frame.inspected.height;
  return frame.map.values[static_cast<std::size_t>(row) * frame.map.width + column];
}

}  // namespace

TEST(PartDetections, OneIsTheFramesResult) {
  const Detection part = make_part({10, 20, 64, 32}, 4, 3, 12);
  const Detection frame = combine_parts({part});
  EXPECT_EQ(frame.score, 12);
  EXPECT_EQ(frame.map.values, part.map.values);
  EXPECT_EQ(frame.inspected.x, 10);
  EXPECT_EQ(frame.regions.size(), 1U);
}

TEST(PartDetections, TheFrameIsAsAnomalousAsItsWorstPart) {
  const Detection frame =
      combine_parts({make_part({0, 0, 40, 40}, 4, 1, 12), make_part({60, 10, 40, 40}, 4, 2, 30),
                     make_part({0, 60, 40, 40}, 4, 3, 5)});
  EXPECT_EQ(frame.score, 30);
  EXPECT_EQ(frame.threshold, 10);
  EXPECT_EQ(frame.usual_score, 2);
  EXPECT_TRUE(frame.anomalous);
  ASSERT_EQ(frame.regions.size(), 2U);
  EXPECT_EQ(frame.regions[0].peak, 30);
  EXPECT_EQ(frame.regions[1].peak, 12);
  EXPECT_FALSE(
      combine_parts({make_part({0, 0, 40, 40}, 4, 1, 3), make_part({60, 0, 40, 40}, 4, 1, 5)})
          .anomalous);
}

TEST(PartDetections, TheMapShowsEveryPartWhereItIs) {
  const Detection frame =
      combine_parts({make_part({10, 20, 40, 40}, 4, 1, 1), make_part({70, 40, 40, 40}, 8, 2, 2)});
  EXPECT_EQ(frame.inspected.x, 10);
  EXPECT_EQ(frame.inspected.y, 20);
  EXPECT_EQ(frame.inspected.width, 100);
  EXPECT_EQ(frame.inspected.height, 60);
  // Cells of the finer part: 5 pixels.
  EXPECT_EQ(frame.map.width, 20);
  EXPECT_EQ(frame.map.height, 12);
  for (int y = 20; y < 80; ++y) {
    for (int x = 10; x < 110; ++x) {
      const bool first = x < 50 && y < 60;
      const bool second = x >= 70 && y >= 40;
      ASSERT_EQ(at(frame, x, y), first ? 1 : second ? 2 : 0) << x << "," << y;
    }
  }
  EXPECT_EQ(frame.input_size, (Size{160, 96}));
}

TEST(PartDetections, TheLargestScoreCountsWherePartsOverlap) {
  const Detection frame =
      combine_parts({make_part({0, 0, 40, 40}, 4, 5, 5), make_part({20, 0, 40, 40}, 4, 2, 2)});
  EXPECT_EQ(at(frame, 30, 10), 5);
  EXPECT_EQ(at(frame, 50, 10), 2);
}

// Small parts far from each other, as on a wide frame: no peak is lost, and the size is bounded.
TEST(PartDetections, ALargeFrameHasCoarserCells) {
  Detection part = make_part({3000, 2000, 40, 40}, 32, 1, 9);
  part.map.values[32 * 17 + 5] = 9;
  const Detection frame = combine_parts({make_part({0, 0, 40, 40}, 32, 1, 1), part});
  EXPECT_EQ(frame.map.width, 256);
  EXPECT_EQ(frame.map.height, 256);
  EXPECT_LE(frame.input_size.width, 1024);
  EXPECT_EQ(*std::max_element(frame.map.values.begin(), frame.map.values.end()), 9);
}

TEST(PartDetections, NeedsPartsWithAMap) {
  EXPECT_ERROR(combine_parts({}), invalid_argument, "without a result");
  EXPECT_ERROR(combine_parts({make_part({0, 0, 40, 40}, 4, 1, 1), Detection()}), invalid_argument,
               "without a result");
  Detection faulty = make_part({0, 0, 40, 40}, 4, 1, 1);
  faulty.map.values.pop_back();
  EXPECT_ERROR(combine_parts({faulty}), invalid_argument, "without a result");
}

}  // namespace patchcore
