// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the default of the memory limit: what containers allow counts.
#include "core/memory_limit.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temporary_folder.h"

namespace patchcore {

TEST(MemoryLimit, KnowsThatThereIsMemory) {
  EXPECT_GT(machine_memory(), std::uint64_t{64} << 20);
  EXPECT_LT(machine_memory(), UINT64_MAX);
}

class ControlGroupTest : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    const std::string path = folder_ / file;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    test::write_whole_file(path, text);
  }
  std::uint64_t limit() const { return control_group_limit(folder_ / "groups", folder_ / "root"); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(ControlGroupTest, ReadsTheRoot) {
  EXPECT_EQ(limit(), UINT64_MAX);
  write("root/memory.max", "123456789\n");
  EXPECT_EQ(limit(), 123456789U);
  for (const char* text : {"max\n", "", "0\n", "-1"}) {
    write("root/memory.max", text);
    EXPECT_EQ(limit(), UINT64_MAX) << text;
  }
  write("root/memory/memory.limit_in_bytes", "5000\n");
  EXPECT_EQ(limit(), 5000U);
}

TEST_F(ControlGroupTest, TakesTheSmallestOfAGroupAndThoseItIsIn) {
  write("groups", "0::/system.slice/camera:1.service\n");
  write("root/memory.max", "max\n");
  write("root/system.slice/memory.max", "3000\n");
  write("root/system.slice/camera:1.service/memory.max", "max\n");
  EXPECT_EQ(limit(), 3000U);
  write("root/system.slice/camera:1.service/memory.max", "2000\n");
  EXPECT_EQ(limit(), 2000U);
  write("root/other.slice/memory.max", "1000\n");
  EXPECT_EQ(limit(), 2000U);
}

TEST_F(ControlGroupTest, KnowsVersion1) {
  write("groups", "5:devices:/deep\n4:memory:/jobs/7\n1:name=systemd:/\n0::/\n");
  write("root/memory/deep/memory.limit_in_bytes", "1000\n");
  write("root/memory/jobs/memory.limit_in_bytes", "9000\n");
  write("root/memory/jobs/7/memory.limit_in_bytes", "4000\n");
  EXPECT_EQ(limit(), 4000U);
}

TEST_F(ControlGroupTest, PassesOverLinesThatSayNothing) {
  write("groups", "\nmemory\n0::\n4:memory:\n::/x\n0::/gone\n");
  write("root/x/memory.max", "1000\n");
  write("root/memory/x/memory.limit_in_bytes", "1000\n");
  EXPECT_EQ(limit(), UINT64_MAX);
}

}  // namespace patchcore
