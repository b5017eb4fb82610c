// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of VisA.
#include "tools/patchcore/datasets/visa_layout.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/tools/patchcore/datasets/example_files.h"

namespace patchcore {
namespace {

using test::touch;

constexpr const char* table =
    "object,split,label,image,mask\n"
    "candle,train,normal,candle/Data/Images/Normal/0000.JPG,\n"
    "candle,train,normal,candle/Data/Images/Normal/0001.JPG,\n"
    "candle,test,normal,candle/Data/Images/Normal/0002.JPG,\n"
    "candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png\n"
    "candle,test,anomaly,candle/Data/Images/Anomaly/001.JPG,\n"
    "pcb1,train,normal,pcb1/Data/Images/Normal/0000.JPG,\n";

}  // namespace

TEST(VisaLayout, FollowsTheTable) {
  const test::TemporaryFolder folder;
  touch(folder / "candle/Data/Images/Normal/0000.JPG");
  touch(folder / "split_csv/1cls.csv", table);
  ASSERT_TRUE(is_visa_category(folder / "candle"));
  const Category category = read_visa_category(folder / "candle");
  EXPECT_EQ(category.name, "candle");
  ASSERT_EQ(category.train.size(), 2U);
  EXPECT_EQ(category.train[1], folder / "candle/Data/Images/Normal/0001.JPG");
  ASSERT_EQ(category.test.size(), 3U);
  EXPECT_FALSE(category.test[0].anomalous);
  EXPECT_TRUE(category.test[1].anomalous);
  EXPECT_EQ(category.test[1].mask, folder / "candle/Data/Masks/Anomaly/000.png");
  EXPECT_TRUE(category.test[2].mask.empty());
  ASSERT_EQ(category.notes.size(), 1U);
  EXPECT_EQ(category.notes[0], "1 defective picture without a mask");
}

TEST(VisaLayout, IsSharedOutWithoutTheTable) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) {
    touch(folder / ("candle/Data/Images/Normal/" + std::to_string(i) + ".JPG"));
  }
  touch(folder / "candle/Data/Images/Anomaly/000.JPG");
  touch(folder / "candle/Data/Images/Anomaly/001.JPG");
  touch(folder / "candle/Data/Masks/Anomaly/001.png");
  const Category category = read_visa_category(folder / "candle/");
  EXPECT_EQ(category.train.size(), 4U);
  ASSERT_EQ(category.test.size(), 4U);
  EXPECT_TRUE(category.test[2].mask.empty());
  EXPECT_EQ(category.test[3].mask, folder / "candle//Data/Masks/Anomaly/001.png");
  EXPECT_EQ(category.notes.size(), 2U);
}

TEST(VisaLayout, RefusesAnotherTable) {
  const test::TemporaryFolder folder;
  touch(folder / "candle/Data/Images/Normal/0000.JPG");
  touch(folder / "split_csv/1cls.csv", "object,split\ncandle,train\n");
  EXPECT_ERROR(read_visa_category(folder / "candle"), corrupt, "no column \"image\"");
}

TEST(VisaLayout, NotesThatThereIsNothingToTrainWith) {
  const test::TemporaryFolder folder;
  touch(folder / "candle/Data/Images/Anomaly/000.JPG");
  const Category category = read_visa_category(folder / "candle");
  ASSERT_FALSE(category.notes.empty());
  EXPECT_EQ(category.notes.back(), "there are no pictures to train with");
}

}  // namespace patchcore
