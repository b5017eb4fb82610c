// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects batches: every frame goes in whole, and gets back its own patches.
#include "core/frame_batch.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

InputTensor make_input(float first) {
  InputTensor input;
  input.batch = 1;
  input.height = 1;
  input.width = 2;
  for (int i = 0; i < 6; ++i) input.values.push_back(first + static_cast<float>(i));
  return input;
}

}  // namespace

TEST(FrameBatch, PutsInputsOneAfterTheOther) {
  const InputTensor a = make_input(0), b = make_input(100);
  InputTensor joined = make_input(7);  // what was there before is gone
  join_inputs({&a, &b}, joined);
  EXPECT_EQ(joined.batch, 2);
  EXPECT_EQ(joined.height, 1);
  EXPECT_EQ(joined.width, 2);
  EXPECT_EQ(joined.values, (std::vector<float>{0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105}));
}

TEST(FrameBatch, GivesEachFrameItsOwnPatches) {
  PatchMatrix patches;
  patches.rows = 6;
  patches.columns = 2;
  for (int i = 0; i < 12; ++i) patches.values.push_back(static_cast<float>(i));
  PatchMatrix own;
  own.values.resize(100);
  for (std::size_t frame = 0; frame < 3; ++frame) {
    copy_frame_patches(patches, 3, frame, own);
    EXPECT_EQ(own.rows, 2U);
    EXPECT_EQ(own.columns, 2U);
    const auto first = static_cast<float>(4 * frame);
    EXPECT_EQ(own.values, (std::vector<float>{first, first + 1, first + 2, first + 3}));
  }
}

}  // namespace patchcore
