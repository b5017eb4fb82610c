// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects reading of zip archives: no entry is larger than it says, or than the file.
#include "core/weights/zip_archive.h"

#include <gtest/gtest.h>

#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {

class ZipArchiveTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "f.zip";
};

TEST_F(ZipArchiveTest, ReadsStoredEntries) {
  test::write_zip(path_, {{"a/one", "first"}, {"a/none", ""}});
  const RegularFile file(path_);
  const ZipArchive archive(file);
  EXPECT_EQ(archive.entries(), 2U);
  EXPECT_EQ(archive.name(1), "a/none");
  EXPECT_EQ(archive.name(2), "");
  EXPECT_EQ(archive.find("a/one"), 0U);
  EXPECT_EQ(archive.find("one"), std::nullopt);
  EXPECT_EQ(archive.size(0), 5U);
  EXPECT_EQ(archive.read(0), (std::vector<std::uint8_t>{'f', 'i', 'r', 's', 't'}));
  EXPECT_TRUE(archive.read(1).empty());
  EXPECT_ERROR(archive.read(2), corrupt, "faulty zip archive");
}

TEST_F(ZipArchiveTest, RefusesCompressedEntries) {
  test::write_zip(path_, {{"bomb", std::string(1'000'000, '\0')}}, true);
  const RegularFile file(path_);
  const ZipArchive archive(file);
  EXPECT_ERROR(archive.read(0), unsupported_file, "compressed");
}

TEST_F(ZipArchiveTest, SeesChangedContent) {
  test::write_zip(path_, {{"one", "first"}});
  std::string bytes = test::read_whole_file(path_);
  bytes[bytes.find("first")] ^= 1;
  test::write_whole_file(path_, bytes);
  const RegularFile file(path_);
  const ZipArchive archive(file);
  EXPECT_ERROR(archive.read(0), corrupt, "\"one\"");
}

TEST_F(ZipArchiveTest, RefusesOtherFiles) {
  for (const std::string& bytes : {std::string(), std::string("PK\3\4"), std::string(500, 'x')}) {
    test::write_whole_file(path_, bytes);
    const RegularFile file(path_);
    EXPECT_ERROR(ZipArchive{file}, corrupt, path_);
  }
}

}  // namespace patchcore
