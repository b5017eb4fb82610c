// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the figures that benchmarks report.
#include "tools/patchcore/measurement.h"

#include <gtest/gtest.h>

#include <numeric>

namespace patchcore {

TEST(Measurement, OfOneValueIsThatValue) {
  const Measurement measurement = measurement_of({3});
  EXPECT_EQ(measurement.median, 3);
  EXPECT_EQ(measurement.p95, 3);
}

TEST(Measurement, TakesTheMiddleOfValuesInAnyOrder) {
  EXPECT_EQ(measurement_of({9, 1, 2}).median, 2);
  EXPECT_EQ(measurement_of({9, 1, 2, 4}).median, 3);
}

TEST(Measurement, LeavesFiveOfAHundredAboveThePercentile) {
  std::vector<double> values(100);
  std::iota(values.rbegin(), values.rend(), 1);
  EXPECT_EQ(measurement_of(values).p95, 95);
}

}  // namespace patchcore
