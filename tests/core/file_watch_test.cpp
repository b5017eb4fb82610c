// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects against reading a file that is still being written, and against reading one for ever.
#include "core/file_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

class FileWatchTest : public ::testing::Test {
 protected:
  FileWatchTest() { test::write_whole_file(file_, "content"); }

  /// Another size, so that no clock's resolution hides that it was written.
  void append() {
    content_ += "more";
    test::write_whole_file(file_, content_);
  }

  test::TemporaryFolder folder_;
  std::string file_ = folder_ / "file";
  std::string content_ = "content";
};

}  // namespace

TEST_F(FileWatchTest, TheKnownFileIsNoNews) {
  FileWatch watch(file_, identify_file(file_));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.look());
}

TEST_F(FileWatchTest, AReplacedFileIsNewsOnceItIsAtRest) {
  FileWatch watch(file_, identify_file(file_));
  const std::string other = folder_ / "other";
  test::write_whole_file(other, "CONTENT");
  std::filesystem::last_write_time(other, std::filesystem::last_write_time(file_));
  ASSERT_EQ(std::rename(other.c_str(), file_.c_str()), 0);
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
  EXPECT_FALSE(watch.look()) << "told twice";
}

TEST_F(FileWatchTest, AFileThatGrowsIsNoNewsUntilItStops) {
  FileWatch watch(file_, identify_file(file_));
  for (int i = 0; i < 5; ++i) {
    append();
    EXPECT_FALSE(watch.look());
  }
  EXPECT_TRUE(watch.look());
}

TEST_F(FileWatchTest, AFileThatComesBackAsItWasIsNoNews) {
  FileWatch watch(file_, identify_file(file_));
  const std::string aside = folder_ / "aside";
  std::filesystem::rename(file_, aside);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.look());
  std::filesystem::rename(aside, file_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.look());
}

TEST_F(FileWatchTest, AFileThatWasNotThereIsNews) {
  const std::string later = folder_ / "later";
  FileWatch watch(later, identify_file(later));
  EXPECT_FALSE(watch.look());
  test::write_whole_file(later, "content");
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
}

// As configurations are replaced whole: the path stays, a link on it leads elsewhere.
TEST_F(FileWatchTest, LinksOnThePathAreFollowed) {
  std::filesystem::create_directory(folder_ / "first");
  std::filesystem::create_directory(folder_ / "second");
  test::write_whole_file(folder_ / "first/bank", "first");
  test::write_whole_file(folder_ / "second/bank", "second");
  const std::string link = folder_ / "link";
  std::filesystem::create_directory_symlink(folder_ / "first", link);
  FileWatch watch(link + "/bank", identify_file(link + "/bank"));
  EXPECT_FALSE(watch.look());
  std::filesystem::create_directory_symlink(folder_ / "second", folder_ / "link2");
  std::filesystem::rename(folder_ / "link2", link);
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look());
}

}  // namespace patchcore
