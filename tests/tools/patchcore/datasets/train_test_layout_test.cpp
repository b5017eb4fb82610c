// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of data sets as MVTec AD's and BTAD's.
#include "tools/patchcore/datasets/train_test_layout.h"

#include <gtest/gtest.h>

#include "tests/tools/patchcore/datasets/example_files.h"

namespace patchcore {

using test::touch;

TEST(TrainTestLayout, IsReadWithItsMasks) {
  const test::TemporaryFolder folder;
  for (const char* name :
       {"screw/train/good/000.png", "screw/train/good/001.png", "screw/test/good/000.png",
        "screw/test/thread side/000.jpg", "screw/test/thread side/001.jpg",
        "screw/ground_truth/thread side/000_mask.png",
        "screw/ground_truth/thread side/001_mask.png"}) {
    touch(folder / name);
  }
  ASSERT_TRUE(is_train_test_category(folder / "screw"));
  EXPECT_FALSE(is_train_test_category(folder.path()));
  const Category category = read_train_test_category(folder / "screw");
  EXPECT_EQ(category.name, "screw");
  EXPECT_EQ(category.train.size(), 2U);
  ASSERT_EQ(category.test.size(), 3U);
  EXPECT_FALSE(category.test[0].anomalous);
  EXPECT_TRUE(category.test[0].mask.empty());
  EXPECT_TRUE(category.test[2].anomalous);
  EXPECT_EQ(category.test[2].type, "thread side");
  EXPECT_EQ(category.test[2].path, folder / "screw/test/thread side/001.jpg");
  EXPECT_EQ(category.test[2].mask, folder / "screw/ground_truth/thread side/001_mask.png");
  EXPECT_TRUE(category.notes.empty()) << category.notes[0];
}

TEST(TrainTestLayout, TakesBtadsNames) {
  const test::TemporaryFolder folder;
  for (const char* name :
       {"01/train/ok/0.bmp", "01/test/ok/1.bmp", "01/test/ko/2.bmp", "01/ground_truth/ko/2.png"}) {
    touch(folder / name);
  }
  const Category category = read_train_test_category(folder / "01");
  EXPECT_EQ(category.train.size(), 1U);
  ASSERT_EQ(category.test.size(), 2U);
  EXPECT_EQ(category.test[0].type, "ko");
  EXPECT_EQ(category.test[0].mask, folder / "01/ground_truth/ko/2.png");
  EXPECT_FALSE(category.test[1].anomalous);
  EXPECT_TRUE(category.notes.empty());
}

TEST(TrainTestLayout, NotesWhatIsMissing) {
  const test::TemporaryFolder folder;
  for (const char* name :
       {"c/train/good/Thumbs.db", "c/train/bad/0.png", "c/test/dent/0.png", "c/test/dent/1.png",
        "c/test/hole/0.png", "c/ground_truth/dent/1_mask.png", "c/ground_truth/dent/9_mask.png",
        "c/test/good/readme.txt"}) {
    touch(folder / name);
  }
  const Category category = read_train_test_category(folder / "c");
  EXPECT_TRUE(category.train.empty());
  EXPECT_EQ(category.test.size(), 3U);
  std::string notes;
  for (const std::string& note : category.notes) notes += note + "\n";
  for (const char* part :
       {"train/good\": 1 file that by the name is no picture", "train/good\" has no pictures",
        "\"train/bad\" is not used", "there are no pictures to train with",
        "dent: 1 of 2 pictures without a mask\n", "dent: 1 mask without a picture",
        "hole: 1 of 1 picture without a mask (there is no", "test/good\" has no pictures"}) {
    EXPECT_NE(notes.find(part), std::string::npos) << part << " in\n" << notes;
  }
}

}  // namespace patchcore
