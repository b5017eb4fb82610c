// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects files that are there: none is written over unless the user says so.
#include "tools/patchcore/existing_files.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {

class ExistingFiles : public ::testing::Test {
 protected:
  std::string make_file(const std::string& name) const {
    test::write_whole_file(folder_ / name, "here");
    return folder_ / name;
  }

  test::TemporaryFolder folder_;
};

TEST_F(ExistingFiles, AreFilesFoldersAndNothingElse) {
  EXPECT_TRUE(exists(make_file("a b é.bank")));
  EXPECT_TRUE(exists(folder_.path()));
  EXPECT_FALSE(exists(folder_ / "other.bank"));
  EXPECT_FALSE(exists(""));
}

TEST_F(ExistingFiles, AreNotLookedForBehindAFile) {
  EXPECT_FALSE(exists(make_file("file") + "/below"));
}

TEST_F(ExistingFiles, AreRefusedWithTheNameAndTheWayOut) {
  const std::string path = make_file("old.bank");
  EXPECT_ERROR(refuse_to_overwrite(path, false), invalid_argument,
               "old.bank\" exists: name another file, or say --replace");
  EXPECT_ERROR(refuse_to_overwrite(folder_.path(), false), invalid_argument, "--replace");
}

TEST_F(ExistingFiles, MayBeReplacedIfTheUserSaysSo) {
  EXPECT_NO_THROW(refuse_to_overwrite(make_file("old.bank"), true));
}

TEST_F(ExistingFiles, AreNotInTheWayOfAnotherName) {
  EXPECT_NO_THROW(refuse_to_overwrite(folder_ / "new.bank", false));
}

}  // namespace patchcore
