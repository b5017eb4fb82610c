// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the promise that an interrupted or failing save leaves the old file whole.
#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  static void save(const std::string& path, const std::string& content) {
    AtomicFile file(path);
    file.write(content.data(), content.size());
    file.commit();
  }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  static unsigned mode(const std::string& path) {
    struct stat status = {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777;
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "f";
};

/// While it lives, files cannot grow beyond a size: the nearest thing to a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    ::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_limit_ = {};
  void (*old_handler_)(int) = SIG_DFL;
};

}  // namespace

TEST_F(AtomicFileTest, WritesAndReplaces) {
  save(path_, "one");
  EXPECT_EQ(test::read_whole_file(path_), "one");
  save(path_, "two");
  EXPECT_EQ(test::read_whole_file(path_), "two");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  test::write_whole_file(path_, "old");
  {
    AtomicFile file(path_);
    file.write("new", 3);
    EXPECT_EQ(test::read_whole_file(path_), "old");
    EXPECT_EQ(files(), 2U);
  }
  EXPECT_EQ(test::read_whole_file(path_), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFileTest, KeepsTheOldFileWhenTheDiskIsFull) {
  test::write_whole_file(path_, "old");
  {
    const FileSizeLimit limit(1000);
    EXPECT_ERROR(save(path_, std::string(5000, 'x')), no_space, path_);
  }
  EXPECT_EQ(test::read_whole_file(path_), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFileTest, KeepsTheModeOfAnExistingFile) {
  test::write_whole_file(path_, "old");
  ::chmod(path_.c_str(), 0640);
  save(path_, "new");
  EXPECT_EQ(mode(path_), 0640U);
}

TEST_F(AtomicFileTest, GivesNewFilesTheUsualMode) {
  const mode_t old = ::umask(027);
  save(path_, "new");
  ::umask(old);
  EXPECT_EQ(mode(path_), 0640U);
}

TEST_F(AtomicFileTest, FollowsLinks) {
  test::write_whole_file(path_, "old");
  fs::create_symlink("f", folder_ / "link");
  fs::create_symlink(folder_ / "link", folder_ / "link2");
  save(folder_ / "link2", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link2"));
  EXPECT_EQ(test::read_whole_file(path_), "new");

  fs::create_symlink("later", folder_ / "dangling");
  save(folder_ / "dangling", "made");
  EXPECT_EQ(test::read_whole_file(folder_ / "later"), "made");
}

TEST_F(AtomicFileTest, RefusesLinksInACircle) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  EXPECT_ERROR(AtomicFile(folder_ / "a"), write_failed, "too many links");
}

TEST_F(AtomicFileTest, TakesTheLongestNames) {
  const std::string path = folder_ / std::string(255, 'n');
  save(path, "long");
  EXPECT_EQ(test::read_whole_file(path), "long");
  EXPECT_ERROR(AtomicFile(folder_ / std::string(256, 'n')), write_failed, "name");
}

TEST_F(AtomicFileTest, RefusesWhereNoFileCanBe) {
  test::write_whole_file(path_, "a file");
  EXPECT_ERROR(AtomicFile(folder_ / "missing/f"), not_found, "there is no folder");
  EXPECT_ERROR(AtomicFile(path_ + "/below"), write_failed, path_);
  EXPECT_ERROR(AtomicFile(folder_.path()), write_failed, "a folder");
  EXPECT_ERROR(AtomicFile(folder_.path() + "/"), write_failed, "a folder");
  EXPECT_ERROR(AtomicFile(""), write_failed, "name a file");
  EXPECT_EQ(files(), 1U);
}

// Renaming over a device would replace it for the whole system.
TEST_F(AtomicFileTest, RefusesDevicesAndPipes) {
  EXPECT_ERROR(AtomicFile("/dev/null"), write_failed, "device");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_ERROR(AtomicFile{path_}, write_failed, "device");
}

}  // namespace patchcore
