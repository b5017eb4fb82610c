// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects SHA-256 against a misuse of the library below.
#include "core/weights/sha256.h"

#include <gtest/gtest.h>

namespace patchcore {

// The examples of FIPS 180.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256().digest(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 sha256;
  sha256.add("abc", 3);
  EXPECT_EQ(sha256.digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  Sha256 sha256;
  sha256.add("a", 1);
  sha256.add("", 0);
  sha256.add("bc", 2);
  EXPECT_EQ(sha256.digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace patchcore
