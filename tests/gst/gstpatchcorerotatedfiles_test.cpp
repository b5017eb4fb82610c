// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that files stay within their size and number, that every line is whole and in its order,
// and that nothing but regular files is ever renamed.
#include "gst/gstpatchcorerotatedfiles.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace {

using patchcore::test::FileSizeLimit;
using patchcore::test::read_whole_file;
using patchcore::test::TemporaryFolder;
using patchcore::test::write_whole_file;

using Limits = GstPatchCoreRotatedFiles::Limits;

class PatchCoreRotatedFiles : public ::testing::Test {
 protected:
  /// Writes the lines "0" to @p count - 1, two bytes each.
  void write(int count, const Limits& limits) {
    for (int i = 0; i < count; ++i) EXPECT_EQ(files_.write_line(std::to_string(i), limits), 0);
  }

  std::string content(const std::string& suffix) { return read_whole_file(path_ + suffix); }

  /// How many files there are, whatever their names.
  std::ptrdiff_t count() {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator(folder_.path()), Iterator());
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "lines";
  GstPatchCoreRotatedFiles files_;
};

TEST_F(PatchCoreRotatedFiles, TheNewestLinesAreInTheFileItself) {
  ASSERT_EQ(files_.open(path_, false), 0);
  write(8, {6, 3});
  EXPECT_EQ(content(""), "6\n7\n");
  EXPECT_EQ(content(".1"), "3\n4\n5\n");
  EXPECT_EQ(content(".2"), "0\n1\n2\n");
  EXPECT_EQ(files_.rotations(), 2U);
}

TEST_F(PatchCoreRotatedFiles, TheOldestAreRemoved) {
  ASSERT_EQ(files_.open(path_, false), 0);
  write(10, {2, 3});
  EXPECT_EQ(count(), 3);
  EXPECT_EQ(content(""), "9\n");
  EXPECT_EQ(content(".1"), "8\n");
  EXPECT_EQ(content(".2"), "7\n");
}

TEST_F(PatchCoreRotatedFiles, OneFileAloneIsEmptied) {
  ASSERT_EQ(files_.open(path_, false), 0);
  write(10, {6, 1});
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(content(""), "9\n");
}

TEST_F(PatchCoreRotatedFiles, WithoutALimitTheFileGrows) {
  ASSERT_EQ(files_.open(path_, false), 0);
  write(10, {0, 3});
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(content("").size(), 20U);
}

// Splitting it would leave two lines that nobody can read.
TEST_F(PatchCoreRotatedFiles, ALineThatIsTooLongHasAFileOfItsOwn) {
  ASSERT_EQ(files_.open(path_, false), 0);
  const std::string line(100, 'x');
  for (const std::string& one : {line, std::string("a"), line}) {
    EXPECT_EQ(files_.write_line(one, {10, 5}), 0);
  }
  EXPECT_EQ(content(""), line + "\n");
  EXPECT_EQ(content(".1"), "a\n");
  EXPECT_EQ(content(".2"), line + "\n");
  EXPECT_EQ(count(), 3);
}

TEST_F(PatchCoreRotatedFiles, WhatWasThereCountsWhenAppending) {
  write_whole_file(path_, "a\nb\n");
  ASSERT_EQ(files_.open(path_, true), 0);
  write(2, {6, 3});
  EXPECT_EQ(content(".1"), "a\nb\n0\n");
  EXPECT_EQ(content(""), "1\n");
}

TEST_F(PatchCoreRotatedFiles, FilesOfAnEarlierRunMoveOn) {
  write_whole_file(path_ + ".1", "old\n");
  ASSERT_EQ(files_.open(path_, false), 0);
  write(2, {2, 9});
  EXPECT_EQ(content(".2"), "old\n");
  EXPECT_EQ(content(".1"), "0\n");
}

TEST_F(PatchCoreRotatedFiles, FilesBeyondAGapStay) {
  write_whole_file(path_ + ".2", "kept\n");
  ASSERT_EQ(files_.open(path_, false), 0);
  write(2, {2, 9});
  EXPECT_EQ(content(".1"), "0\n");
  EXPECT_EQ(content(".2"), "kept\n");
}

TEST_F(PatchCoreRotatedFiles, AFileThatSomebodyRemovedIsBegunAnew) {
  ASSERT_EQ(files_.open(path_, false), 0);
  write(1, {2, 3});
  unlink(path_.c_str());
  EXPECT_EQ(files_.write_line("next", {2, 3}), 0);
  EXPECT_EQ(content(""), "next\n");
}

TEST_F(PatchCoreRotatedFiles, PipesAreNotRotated) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_EQ(files_.open(path_, false), 0);
  write(5, {2, 3});
  char block[32];
  EXPECT_EQ(::read(reader, block, sizeof block), 10);
  ::close(reader);
  EXPECT_EQ(count(), 1);
}

TEST_F(PatchCoreRotatedFiles, ANewFileMakesRoomAgain) {
  ASSERT_EQ(files_.open(path_, false), 0);
  const FileSizeLimit limit(4);
  write(2, {0, 3});
  EXPECT_EQ(files_.write_line("2", {0, 3}), EFBIG);
  EXPECT_EQ(files_.write_line("3", {4, 3}), 0);
  EXPECT_EQ(content(".1"), "0\n1\n");
  EXPECT_EQ(content(""), "3\n");
}

TEST_F(PatchCoreRotatedFiles, WhatCannotBeOpenedIsTriedAgain) {
  const std::string path = folder_ / "later/lines";
  EXPECT_EQ(files_.open(path, false), ENOENT);
  EXPECT_EQ(files_.write_line("lost", {}), ENOENT);
  std::filesystem::create_directory(folder_ / "later");
  EXPECT_EQ(files_.write_line("kept", {}), 0);
  EXPECT_EQ(read_whole_file(path), "kept\n");
}

TEST_F(PatchCoreRotatedFiles, WhatCannotBeRenamedIsAnErrorAndStaysWhole) {
  std::filesystem::create_directory(path_ + ".1");
  ASSERT_EQ(files_.open(path_, false), 0);
  write(1, {2, 2});
  EXPECT_EQ(files_.write_line("1", {2, 2}), EISDIR);
  EXPECT_EQ(content(""), "0\n");
}

TEST_F(PatchCoreRotatedFiles, WritingToNothingIsAnError) {
  EXPECT_EQ(files_.write_line("x", {}), EBADF);
  ASSERT_EQ(files_.open(path_, false), 0);
  EXPECT_EQ(files_.close(), 0);
  EXPECT_EQ(files_.write_line("x", {}), EBADF);
  EXPECT_EQ(content(""), "");
}

}  // namespace
