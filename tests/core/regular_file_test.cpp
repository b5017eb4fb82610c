// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the rule that nothing is read or allocated beyond a file's size.
#include "core/regular_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {

class RegularFileTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "f";
};

TEST_F(RegularFileTest, ReadsRanges) {
  test::write_whole_file(path_, "abcdef");
  const RegularFile file(path_);
  EXPECT_EQ(file.size(), 6U);
  EXPECT_EQ(file.read(2, 3), (std::vector<std::uint8_t>{'c', 'd', 'e'}));
  EXPECT_TRUE(file.read(6, 0).empty());
}

TEST_F(RegularFileTest, RefusesRangesOutside) {
  test::write_whole_file(path_, "abcdef");
  const RegularFile file(path_);
  EXPECT_ERROR(file.read(4, 3), corrupt, "ends too early");
  EXPECT_ERROR(file.read(7, 0), corrupt, "ends too early");
  EXPECT_ERROR(file.read(1, UINT64_MAX), corrupt, "ends too early");
  EXPECT_ERROR(file.read(UINT64_MAX, 1), corrupt, "ends too early");
}

TEST_F(RegularFileTest, SaysWhenAFileShrinksMeanwhile) {
  test::write_whole_file(path_, "abcdef");
  const RegularFile file(path_);
  std::filesystem::resize_file(path_, 3);
  EXPECT_ERROR(file.read(0, 6), read_failed, "shorter meanwhile");
}

TEST_F(RegularFileTest, RefusesWhatIsNoRegularFile) {
  EXPECT_ERROR(RegularFile{path_}, not_found, path_);
  EXPECT_ERROR(RegularFile(path_ + "/below"), not_found, path_);
  EXPECT_ERROR(RegularFile(folder_.path()), read_failed, "a folder");
  EXPECT_ERROR(RegularFile("/dev/zero"), read_failed, "no regular file");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_ERROR(RegularFile{path_}, read_failed, "no regular file");
}

TEST(RequireMemory, RefusesMoreThanTheMachineHas) {
  EXPECT_NO_THROW(require_memory(1 << 20, "f"));
  EXPECT_ERROR(require_memory(1ULL << 60, "f"), no_space, "\"f\" needs");
}

}  // namespace patchcore
