// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects arrays for NumPy; that NumPy reads them is part of
// tests/pipelines/evaluate_command_test.py.
#include "tools/patchcore/evaluation/npy_file.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {

TEST(WriteNpy, WritesHeaderAndValues) {
  const test::TemporaryFolder folder;
  const std::vector<float> values = {1, 2, 3, 4, 5, -0.5F};
  write_npy(folder / "a.npy", {2, 3}, values.data(), values.size());
  const std::string file = test::read_whole_file(folder / "a.npy");
  EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t header =
      static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
  EXPECT_EQ((10 + header) % 64, 0U);
  EXPECT_NE(file.find("'descr': '<f4', 'fortran_order': False, 'shape': (2,3,), }"),
            std::string::npos)
      << file;
  EXPECT_EQ(file[9 + header], '\n');
  ASSERT_EQ(file.size(), 10 + header + 24);
  EXPECT_EQ(std::memcmp(file.data() + 10 + header, values.data(), 24), 0);
}

TEST(WriteNpy, RefusesAShapeThatDoesNotFit) {
  const test::TemporaryFolder folder;
  const float value = 1;
  EXPECT_ERROR(write_npy(folder / "a.npy", {2, 1}, &value, 1), invalid_argument, "2,1");
  EXPECT_ERROR(write_npy(folder / "no/a.npy", {1}, &value, 1), not_found, "no");
}

}  // namespace patchcore
