// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the listing of folders.
#include "tools/patchcore/datasets/picture_list.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/tools/patchcore/datasets/example_files.h"

namespace patchcore {

using test::touch;

TEST(ListPictures, TakesPicturesInOrderAndCountsTheRest) {
  const test::TemporaryFolder folder;
  for (const char* name : {"b 2.PNG", "a.jpeg", "ä ü.tif", "Thumbs.db", "notes.txt", ".hidden.png",
                           "folder.png/inside.png"}) {
    touch(folder / name);
  }
  const PictureList list = list_pictures(folder.path());
  const std::vector<std::string> expected = {folder / "a.jpeg", folder / "b 2.PNG",
                                             folder / "ä ü.tif"};
  EXPECT_EQ(list.paths, expected);
  EXPECT_EQ(list.others, 2);
}

TEST(ListPictures, FollowsLinks) {
  const test::TemporaryFolder folder;
  touch(folder / "real/a.png");
  std::filesystem::create_directory(folder / "links");
  std::filesystem::create_symlink(folder / "real/a.png", folder / "links/b.png");
  EXPECT_EQ(list_pictures(folder / "links").paths.size(), 1U);
}

TEST(ListPictures, SaysThatAFolderIsMissing) {
  const test::TemporaryFolder folder;
  EXPECT_ERROR(list_pictures(folder / "none"), not_found, "none");
  touch(folder / "file");
  EXPECT_ERROR(list_pictures(folder / "file"), read_failed, "file");
}

TEST(ListFolders, LeavesFilesAndHiddenFoldersOut) {
  const test::TemporaryFolder folder;
  for (const char* name : {"b/x", "a/x", ".git/x", "file"}) touch(folder / name);
  EXPECT_EQ(list_folders(folder.path()), (std::vector<std::string>{"a", "b"}));
}

TEST(FindFolder, TakesTheFirstNameInAnyCase) {
  const test::TemporaryFolder folder;
  for (const char* name : {"OK/x", "Good/x"}) touch(folder / name);
  EXPECT_EQ(find_folder(folder.path(), {"normal", "good", "ok"}), folder / "Good");
  EXPECT_FALSE(find_folder(folder.path(), {"bad"}));
  EXPECT_FALSE(find_folder(folder / "none", {"bad"}));
}

TEST(LastName, IsThatOfTheFolderHoweverItIsWritten) {
  EXPECT_EQ(last_name("/data/screw"), "screw");
  EXPECT_EQ(last_name("/data/screw/"), "screw");
  EXPECT_EQ(last_name("screw/."), "screw");
  EXPECT_EQ(last_name("."), std::filesystem::current_path().filename().string());
}

TEST(Stem, LeavesTheExtensionOut) {
  EXPECT_EQ(stem("a/b.c.png"), "b.c");
}

}  // namespace patchcore
