// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the encoding of pictures in pages.
#include "tools/patchcore/evaluation/base64.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

std::string encoded(const std::string& text) {
  return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
}

}  // namespace

TEST(Base64, IsAsTheStandardsExamples) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesEveryByte) {
  EXPECT_EQ(base64({0xFF, 0xFB, 0xEF, 0x00, 0x10, 0x83}), "//vvABCD");
}

}  // namespace patchcore
