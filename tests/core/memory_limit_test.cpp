// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the default of the memory limit: what containers allow counts.
#include "core/memory_limit.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace patchcore {

TEST(MemoryLimit, KnowsThatThereIsMemory) {
  EXPECT_GT(machine_memory(), std::uint64_t{64} << 20);
  EXPECT_LT(machine_memory(), UINT64_MAX);
}

TEST(MemoryLimit, ReadsWhatAControlGroupAllows) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "memory.max";
  EXPECT_EQ(control_group_limit(path), UINT64_MAX);
  test::write_whole_file(path, "123456789\n");
  EXPECT_EQ(control_group_limit(path), 123456789U);
  for (const char* text : {"max\n", "", "0\n", "-1"}) {
    test::write_whole_file(path, text);
    EXPECT_EQ(control_group_limit(path), UINT64_MAX) << text;
  }
}

}  // namespace patchcore
