// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the comparison of bank files.
#include "tools/patchcore/bank_difference.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/small_bank.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

BankDocument document_of(const BankFile& bank) {
  const test::TemporaryFolder folder;
  write_bank_file(folder / "bank", bank);
  return read_bank_document(folder / "bank");
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  for (const std::string& candidate : lines) {
    if (candidate == line) return true;
  }
  return false;
}

}  // namespace

TEST(CompareBanks, FindsNothingInTheSame) {
  const BankDifference difference =
      compare_banks(document_of(test::small_bank()), document_of(test::small_bank()));
  EXPECT_TRUE(difference.same());
  EXPECT_EQ(difference.first_in_second->equal, 5U);
  EXPECT_EQ(difference.first_in_second->largest, 0);
}

TEST(CompareBanks, NamesSettingsAndTensors) {
  BankFile other = test::small_bank();
  other.coreset.seed += 1;
  other.bank.values[0] += 3;
  const BankDifference difference =
      compare_banks(document_of(test::small_bank()), document_of(other));
  EXPECT_FALSE(difference.same());
  EXPECT_TRUE(has(difference.settings, "coreset.seed: " + std::to_string(other.coreset.seed - 1) +
                                           " | " + std::to_string(other.coreset.seed)));
  ASSERT_EQ(difference.tensors.size(), 1U);
  EXPECT_EQ(difference.tensors[0], "bank: F32 [5, 4] | F32 [5, 4]");
  EXPECT_EQ(difference.first_in_second->equal, 4U);
  EXPECT_GT(difference.first_in_second->largest, 0);
}

TEST(CompareBanks, TellsMembersOfEnsemblesApart) {
  const test::TemporaryFolder folder;
  BankEnsemble other = test::small_ensemble();
  other.members[1].coreset.ratio = 0.5;
  other.members[1].bank.values[0] += 3;
  write_bank_ensemble(folder / "first", test::small_ensemble());
  write_bank_ensemble(folder / "second", other);
  const BankDifference difference =
      compare_banks(read_bank_document(folder / "first"), read_bank_document(folder / "second"));
  EXPECT_TRUE(has(difference.settings, "members.2.coreset.ratio: 0.01 | 0.5"));
  ASSERT_EQ(difference.tensors.size(), 1U);
  EXPECT_EQ(difference.tensors[0], "member.2.bank: F32 [6, 3] | F32 [6, 3]");
  EXPECT_FALSE(difference.first_in_second);
  const BankDifference kinds =
      compare_banks(read_bank_document(folder / "first"), document_of(test::small_bank()));
  EXPECT_TRUE(has(kinds.tensors, "bank: - | F32 [5, 4]"));
}

TEST(CompareBanks, TellsWhatOneHasNot) {
  BankFile without = test::small_bank();
  without.self_test = {};
  const BankDifference difference =
      compare_banks(document_of(without), document_of(test::small_bank()));
  bool found = false;
  for (const std::string& line : difference.tensors) {
    found = found || line.rfind("selftest.score: - | F64 []", 0) == 0;
  }
  EXPECT_TRUE(found);
}

TEST(Coverage, IsTheDistanceToTheNearest) {
  const PatchMatrix patches{3, 2, {0, 0, 3, 4, 10, 0}};
  const PatchMatrix by{2, 2, {0, 0, 10, 1}};
  const BankCoverage coverage_of = coverage(patches, by);
  EXPECT_EQ(coverage_of.equal, 1U);
  EXPECT_NEAR(coverage_of.largest, 5, 1e-6);
  EXPECT_NEAR(coverage_of.mean, 2, 1e-6);
}

TEST(Coverage, NeedsOneDimension) {
  EXPECT_ERROR(coverage({1, 2, {0, 0}}, {1, 3, {0, 0, 0}}), invalid_argument, "");
}

}  // namespace patchcore
