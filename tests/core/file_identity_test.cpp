// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects against taking a replaced file for the one that was loaded.
#include "core/file_identity.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

class FileIdentityTest : public ::testing::Test {
 protected:
  FileIdentityTest() { test::write_whole_file(file_, "content"); }

  test::TemporaryFolder folder_;
  std::string file_ = folder_ / "file";
};

}  // namespace

TEST_F(FileIdentityTest, IsTheSameWhileNothingHappens) {
  ASSERT_TRUE(identify_file(file_).has_value());
  EXPECT_EQ(identify_file(file_), identify_file(file_));
  EXPECT_EQ(identify_file(file_)->size, 7);
}

TEST_F(FileIdentityTest, TellsAReplacedFileOfTheSameSizeAndTime) {
  const std::optional<FileIdentity> before = identify_file(file_);
  const std::string other = folder_ / "other";
  test::write_whole_file(other, "CONTENT");
  std::filesystem::last_write_time(other, std::filesystem::last_write_time(file_));
  ASSERT_EQ(std::rename(other.c_str(), file_.c_str()), 0);
  EXPECT_NE(identify_file(file_), before);
}

TEST_F(FileIdentityTest, TellsAFileThatWasWrittenTo) {
  const std::optional<FileIdentity> before = identify_file(file_);
  test::write_whole_file(file_, "longer content");
  const std::optional<FileIdentity> longer = identify_file(file_);
  EXPECT_NE(longer, before);
  const auto time = std::filesystem::last_write_time(file_);
  std::filesystem::last_write_time(file_, time + std::chrono::nanoseconds(1000));
  EXPECT_NE(identify_file(file_), longer);
}

TEST_F(FileIdentityTest, KnowsNothingOfAFileThatIsNotThere) {
  EXPECT_FALSE(identify_file(folder_ / "none").has_value());
  EXPECT_FALSE(identify_file(file_ + "/below").has_value());
  EXPECT_FALSE(identify_file("").has_value());
}

TEST_F(FileIdentityTest, HasOnePathForAFile) {
  const std::string link = folder_ / "link";
  std::filesystem::create_symlink(file_, link);
  EXPECT_EQ(canonical_path(link), canonical_path(file_));
  EXPECT_EQ(canonical_path(folder_.path() + "/./../" +
                           std::filesystem::path(folder_.path()).filename().string() + "/file"),
            canonical_path(file_));
  EXPECT_EQ(canonical_path("none/../none"), "none/../none");
  EXPECT_EQ(canonical_path(""), "");
}

}  // namespace patchcore
