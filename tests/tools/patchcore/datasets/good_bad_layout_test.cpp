// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of two folders.
#include "tools/patchcore/datasets/good_bad_layout.h"

#include <gtest/gtest.h>

#include "tests/tools/patchcore/datasets/example_files.h"

namespace patchcore {

using test::touch;

TEST(GoodBadLayout, TestsEveryThirdGoodPicture) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 7; ++i) touch(folder / ("parts/OK/" + std::to_string(i) + ".png"));
  touch(folder / "parts/defective/a.png");
  ASSERT_TRUE(is_good_bad_category(folder / "parts"));
  const Category category = read_good_bad_category(folder / "parts");
  EXPECT_EQ(category.name, "parts");
  EXPECT_EQ(category.train.size(), 5U);
  ASSERT_EQ(category.test.size(), 3U);
  EXPECT_EQ(category.test[0].path, folder / "parts/OK/2.png");
  EXPECT_EQ(category.test[1].path, folder / "parts/OK/5.png");
  EXPECT_FALSE(category.test[1].anomalous);
  EXPECT_EQ(category.test[2].type, "defective");
  EXPECT_TRUE(category.test[2].anomalous);
}

TEST(GoodBadLayout, NeedsBoth) {
  const test::TemporaryFolder folder;
  touch(folder / "good/1.png");
  EXPECT_FALSE(is_good_bad_category(folder.path()));
  EXPECT_FALSE(is_good_bad_category(folder / "none"));
}

TEST(GoodBadLayout, NotesAnEmptyFolder) {
  const test::TemporaryFolder folder;
  touch(folder / "good/1.png");
  touch(folder / "bad/notes.txt");
  const Category category = read_good_bad_category(folder.path());
  std::string notes;
  for (const std::string& note : category.notes) notes += note + "\n";
  EXPECT_NE(notes.find("bad\" has no pictures"), std::string::npos) << notes;
  EXPECT_NE(notes.find("1 file no picture"), std::string::npos) << notes;
}

}  // namespace patchcore
