// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Comparison of parts of memory banks, value by value.
#pragma once

#include <gtest/gtest.h>

#include "core/bank_file.h"

namespace patchcore::test {

inline void expect_same(const PatchMatrix& read, const PatchMatrix& written) {
  EXPECT_EQ(read.rows, written.rows);
  EXPECT_EQ(read.columns, written.columns);
  EXPECT_EQ(read.values, written.values);
}

inline void expect_same(const HeldOutPatches& read, const HeldOutPatches& written) {
  expect_same(read.patches, written.patches);
  EXPECT_EQ(read.distances, written.distances);
  EXPECT_EQ(read.frames, written.frames);
}

inline void expect_same(const PrincipalDirections& read, const PrincipalDirections& written) {
  EXPECT_EQ(read.mean, written.mean);
  expect_same(read.directions, written.directions);
}

inline void expect_same(const SelfTest& read, const SelfTest& written) {
  EXPECT_EQ(read.height, written.height);
  EXPECT_EQ(read.width, written.width);
  EXPECT_EQ(read.rgb, written.rgb);
  EXPECT_EQ(read.score, written.score);
}

}  // namespace patchcore::test
