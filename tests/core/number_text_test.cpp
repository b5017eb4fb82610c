// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the numbers in messages: they are legible, and the same in every locale.
#include "core/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace patchcore {

TEST(NumberText, IsShort) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(0.25), "0.25");
  EXPECT_EQ(number_text(-2), "-2");
  EXPECT_EQ(number_text(1.0 / 3), "0.333333");
  EXPECT_EQ(number_text(0.1F), "0.1");
}

TEST(NumberText, KeepsSmallAndLargeNumbers) {
  EXPECT_EQ(number_text(1e-9), "1e-09");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::max()), "-1.79769e+308");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::denorm_min()), "-4.94066e-324");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(number_text(std::nan("")), "nan");
}

}  // namespace patchcore
