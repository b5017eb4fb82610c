// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that result lines are complete in the file at once, that standard output stays usable,
// and that everything that stands in the way of a line comes back as an error number.
#include "gst/gstpatchcorelinefile.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <thread>

#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace {

using patchcore::test::FileSizeLimit;
using patchcore::test::read_whole_file;
using patchcore::test::TemporaryFolder;
using patchcore::test::write_whole_file;

TEST(PatchCoreLineFile, LinesAreThereBeforeTheFileIsClosed) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "lines"), 0);
  EXPECT_EQ(file.write_line("one"), 0);
  EXPECT_EQ(read_whole_file(folder / "lines"), "one\n");
  EXPECT_EQ(file.write_line("two"), 0);
  EXPECT_EQ(read_whole_file(folder / "lines"), "one\ntwo\n");
  EXPECT_EQ(file.close(), 0);
}

TEST(PatchCoreLineFile, OpeningEmptiesTheFile) {
  const TemporaryFolder folder;
  write_whole_file(folder / "lines", "from yesterday\n");
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "lines"), 0);
  EXPECT_EQ(read_whole_file(folder / "lines"), "");
}

TEST(PatchCoreLineFile, AppendingKeepsWhatIsThere) {
  const TemporaryFolder folder;
  for (const char* line : {"one", "two"}) {
    GstPatchCoreLineFile file;
    ASSERT_EQ(file.open(folder / "lines", true), 0);
    EXPECT_EQ(file.write_line(line), 0);
  }
  EXPECT_EQ(read_whole_file(folder / "lines"), "one\ntwo\n");
}

TEST(PatchCoreLineFile, AppendingToATornLineBeginsANewOne) {
  const TemporaryFolder folder;
  write_whole_file(folder / "lines", "one\ntw");
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "lines", true), 0);
  EXPECT_EQ(file.write_line("three"), 0);
  EXPECT_EQ(file.write_line("four"), 0);
  EXPECT_EQ(read_whole_file(folder / "lines"), "one\ntw\nthree\nfour\n");
  EXPECT_EQ(file.size(), read_whole_file(folder / "lines").size());
}

TEST(PatchCoreLineFile, KnowsItsSize) {
  const TemporaryFolder folder;
  write_whole_file(folder / "lines", "one\n");
  GstPatchCoreLineFile file;
  EXPECT_FALSE(file.is_open());
  ASSERT_EQ(file.open(folder / "lines", true), 0);
  EXPECT_TRUE(file.is_open());
  EXPECT_TRUE(file.is_regular());
  EXPECT_EQ(file.size(), 4U);
  file.write_line("two");
  EXPECT_EQ(file.size(), 8U);
  ASSERT_EQ(file.open(folder / "lines"), 0);
  EXPECT_EQ(file.size(), 0U);
  ASSERT_EQ(file.open("/dev/null"), 0);
  EXPECT_FALSE(file.is_regular());
  file.write_line("two");
  EXPECT_EQ(file.size(), 0U);
}

// Also the part of a line that had room is gone: readers never see half of one.
TEST(PatchCoreLineFile, ALineThatHasNoRoomLeavesNothingBehind) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "lines"), 0);
  const std::string line(99, 'x');
  {
    const FileSizeLimit limit(250);
    EXPECT_EQ(file.write_line(line), 0);
    EXPECT_EQ(file.write_line(line), 0);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(file.write_line(line), EFBIG);
      EXPECT_EQ(read_whole_file(folder / "lines"), line + "\n" + line + "\n");
    }
    EXPECT_EQ(file.write_line("short"), 0);
  }
  EXPECT_EQ(file.write_line(line), 0);
  EXPECT_EQ(read_whole_file(folder / "lines"), line + "\n" + line + "\nshort\n" + line + "\n");
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGXFSZ), 0) << "the thread's signals are as they were";
}

TEST(PatchCoreLineFile, OpeningAgainGoesOnInTheOtherFile) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "a"), 0);
  ASSERT_EQ(file.open(folder / "b"), 0);
  EXPECT_EQ(file.write_line("x"), 0);
  EXPECT_EQ(read_whole_file(folder / "a"), "");
  EXPECT_EQ(read_whole_file(folder / "b"), "x\n");
}

TEST(PatchCoreLineFile, ClosingTwiceIsFine) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  EXPECT_EQ(file.close(), 0);
  ASSERT_EQ(file.open(folder / "lines"), 0);
  EXPECT_EQ(file.close(), 0);
  EXPECT_EQ(file.close(), 0);
}

// Also between what the program itself prints, and it stays open for that.
TEST(PatchCoreLineFile, DashIsStandardOutputAndStaysOpen) {
  const TemporaryFolder folder;
  std::fflush(stdout);
  const int terminal = dup(STDOUT_FILENO);
  const int target = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ASSERT_GE(target, 0);
  dup2(target, STDOUT_FILENO);
  GstPatchCoreLineFile file;
  const int opened = file.open("-");
  const int written = file.write_line("{\"frame\":0}");
  const int closed = file.close();
  std::printf("printed afterwards\n");
  std::fflush(stdout);
  dup2(terminal, STDOUT_FILENO);
  ::close(terminal);
  ::close(target);

  EXPECT_EQ(opened, 0);
  EXPECT_EQ(written, 0);
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(read_whole_file(folder / "out"), "{\"frame\":0}\nprinted afterwards\n");
}

TEST(PatchCoreLineFile, MissingFolderIsAnError) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  EXPECT_EQ(file.open(folder / "nowhere/lines"), ENOENT);
}

TEST(PatchCoreLineFile, AFolderIsNoFile) {
  const TemporaryFolder folder;
  GstPatchCoreLineFile file;
  EXPECT_EQ(file.open(folder.path()), EISDIR);
}

TEST(PatchCoreLineFile, WritingToNothingIsAnError) {
  GstPatchCoreLineFile file;
  EXPECT_EQ(file.write_line("x"), EBADF);
}

TEST(PatchCoreLineFile, AFullDiskIsAnError) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open("/dev/full"), 0);
  EXPECT_EQ(file.write_line("x"), ENOSPC);
}

TEST(PatchCoreLineFile, APipeThatNobodyReadsIsRefusedAtOnce) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  GstPatchCoreLineFile file;
  EXPECT_EQ(file.open(folder / "pipe"), ENXIO);
}

// The lines are larger than a pipe holds, so that the writer has to wait for the reader.
TEST(PatchCoreLineFile, APipeThatIsReadGetsEveryByte) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const int reader = ::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "pipe"), 0);
  fcntl(reader, F_SETFL, 0);

  const std::string line(300000, 'x');
  std::string read;
  std::thread reading([&] {
    char block[4096];
    for (ssize_t n; (n = ::read(reader, block, sizeof block)) > 0;) {
      read.append(block, static_cast<std::size_t>(n));
    }
  });
  EXPECT_EQ(file.write_line(line), 0);
  EXPECT_EQ(file.close(), 0);
  reading.join();
  ::close(reader);
  EXPECT_EQ(read, line + "\n");
}

TEST(PatchCoreLineFile, FlushingEndsTheWaitForAReaderAndNoLineIsTorn) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(pipe), 0);

  const std::string line(100000, 'x');  // more than a pipe holds
  std::thread flush([&] {
    g_usleep(100000);
    file.set_flushing(true);
  });
  EXPECT_EQ(file.write_line(line), 0);  // has begun, and will be completed
  EXPECT_EQ(file.write_line("not begun"), ECANCELED);
  flush.join();

  file.set_flushing(false);
  std::string all;
  std::thread write([&] {
    EXPECT_EQ(file.write_line("next"), 0);
    EXPECT_EQ(file.close(), 0);
  });
  const std::string expected = line + "\nnext\n";
  char part[4096];
  while (all.size() < expected.size()) {
    const ssize_t got = read(reader, part, sizeof part);
    if (got > 0) all.append(part, static_cast<std::size_t>(got));
    if (got == 0) break;
    if (got < 0) g_usleep(1000);
  }
  write.join();
  close(reader);
  EXPECT_EQ(all, expected);
}

TEST(PatchCoreLineFile, AReaderThatGoesAwayIsAnErrorAndNotTheEnd) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const int reader = ::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  GstPatchCoreLineFile file;
  ASSERT_EQ(file.open(folder / "pipe"), 0);
  ::close(reader);
  EXPECT_EQ(file.write_line("x"), EPIPE);

  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGPIPE), 0) << "the thread's signals are as they were";
}

}  // namespace
