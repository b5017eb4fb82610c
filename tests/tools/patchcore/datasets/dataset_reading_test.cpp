// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects how categories are found.
#include "tools/patchcore/datasets/dataset_reading.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/tools/patchcore/datasets/example_files.h"

namespace patchcore {
namespace {

using test::touch;

void make_data_set(const test::TemporaryFolder& folder) {
  for (const char* name :
       {"screw/train/good/0.png", "screw/test/good/1.png", "candle/Data/Images/Normal/0.JPG",
        "parts/good/0.png", "parts/bad/1.png", "video/belt.mp4", "readme.txt"}) {
    touch(folder / name);
  }
}

std::string names_of(const std::vector<CategoryFolder>& categories) {
  std::string names;
  for (const CategoryFolder& category : categories) names += category.name + " ";
  return names;
}

}  // namespace

TEST(FindCategories, KnowsEveryLayout) {
  const test::TemporaryFolder folder;
  make_data_set(folder);
  const auto all = find_categories(folder.path(), DatasetLayout::automatic);
  EXPECT_EQ(names_of(all), "candle parts screw ");
  EXPECT_EQ(all[0].layout, DatasetLayout::visa);
  EXPECT_EQ(all[1].layout, DatasetLayout::good_bad);
  EXPECT_EQ(all[2].layout, DatasetLayout::train_test);
  EXPECT_EQ(names_of(find_categories(folder.path(), DatasetLayout::visa)), "candle ");
}

TEST(FindCategories, TakesACategoryItself) {
  const test::TemporaryFolder folder;
  make_data_set(folder);
  const auto category = find_categories(folder / "screw/", DatasetLayout::automatic);
  EXPECT_EQ(names_of(category), "screw ");
  EXPECT_EQ(read_category(category[0]).train.size(), 1U);
}

TEST(FindCategories, SaysWhatItLooksFor) {
  const test::TemporaryFolder folder;
  make_data_set(folder);
  EXPECT_ERROR(find_categories(folder / "video", DatasetLayout::automatic), not_found,
               "train/ and test/");
  EXPECT_ERROR(find_categories(folder / "none", DatasetLayout::automatic), not_found, "none");
  EXPECT_ERROR(find_categories(folder / "screw", DatasetLayout::visa), not_found, "no data set");
}

TEST(ChooseCategories, KeepsTheOrderOfTheNames) {
  const test::TemporaryFolder folder;
  make_data_set(folder);
  const auto all = find_categories(folder.path(), DatasetLayout::automatic);
  EXPECT_EQ(names_of(choose_categories(all, {"screw", "candle", "screw"})), "screw candle ");
  EXPECT_EQ(names_of(choose_categories(all, {})), "candle parts screw ");
  EXPECT_ERROR(choose_categories(all, {"bolt"}), not_found,
               "no category \"bolt\"; there are: candle, parts, screw");
}

TEST(ReadCategory, WantsALayoutThatWasFound) {
  EXPECT_ERROR(read_category({"a", "/a", DatasetLayout::automatic}), invalid_argument, "/a");
}

}  // namespace patchcore
