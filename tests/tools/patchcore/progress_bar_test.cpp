// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is told of work in progress.
#include "tools/patchcore/progress_bar.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

/// What a bar writes.
template <typename Use>
std::string written(bool terminal, Use&& use) {
  const test::TemporaryFolder folder;
  std::FILE* file = std::fopen((folder / "out").c_str(), "w");
  ProgressBar bar(file, terminal);
  use(bar);
  std::fclose(file);
  return test::read_whole_file(folder / "out");
}

}  // namespace

TEST(FormatDuration, HasHoursOnlyWhereThereAre) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(65.4), "1:05");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(7209), "2:00:09");
  EXPECT_EQ(format_duration(-1), "0:00");
}

TEST(FormatProgress, TellsTheTimeThatIsLeft) {
  EXPECT_EQ(format_progress("x", 6, 24, 10), "x [######                  ] 6/24, 0:30 left");
}

TEST(FormatProgress, TellsNoTimeWhereNoneCanBeKnown) {
  EXPECT_EQ(format_progress("x", 0, 2, 0), "x [                        ] 0/2");
  EXPECT_EQ(format_progress("x", 2, 2, 9), "x [########################] 2/2");
  EXPECT_EQ(format_progress("x", 0, 0, 9), "x [########################] 0/0");
}

TEST(ProgressBar, DrawsOnATerminalAndClearsTheLine) {
  const std::string text = written(true, [](ProgressBar& bar) {
    bar.begin("step", 2);
    bar.say("a note");
    bar.update(2);
    bar.end();
  });
  EXPECT_EQ(text.find("step [                        ] 0/2"), 0U) << text;
  EXPECT_NE(text.find("\r" + std::string(35, ' ') + "\ra note\n"), std::string::npos) << text;
  EXPECT_NE(text.find("step: 2 in 0:00\n"), std::string::npos) << text;
}

TEST(ProgressBar, WritesWholeLinesElsewhere) {
  const std::string text = written(false, [](ProgressBar& bar) {
    bar.begin("step", 2);
    bar.update(1);
    bar.say("a note");
    bar.update(2);
    bar.end();
  });
  EXPECT_EQ(text, "a note\nstep: 2 in 0:00\n");
}

}  // namespace patchcore
