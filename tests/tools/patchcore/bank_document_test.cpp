// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is shown of bank files.
#include "tools/patchcore/bank_document.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/expect_error.h"
#include "tests/support/small_bank.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {

TEST(ReadBankDocument, HasSettingsAndTensorsOfTheFile) {
  const test::TemporaryFolder folder;
  const BankFile bank = test::small_bank();
  write_bank_file(folder / "bank", bank);
  const BankDocument document = read_bank_document(folder / "bank");
  EXPECT_EQ(document.ensemble.members.front().bank.values, bank.bank.values);
  EXPECT_EQ(tensor_text(document.tensors.at("bank")), "F32 [5, 4]");
  const auto flat = flat_settings(document.settings);
  const std::map<std::string, std::string> settings(flat.begin(), flat.end());
  EXPECT_EQ(settings.at("backbone.name"), bank.backbone);
  EXPECT_EQ(settings.at("coreset.seed"), std::to_string(bank.coreset.seed));
  EXPECT_EQ(settings.at("backbone.layers").front(), '[');
}

TEST(ReadBankDocument, CountsTheMembersOfEnsembles) {
  const test::TemporaryFolder folder;
  write_bank_ensemble(folder / "bank", test::small_ensemble());
  const BankDocument document = read_bank_document(folder / "bank");
  EXPECT_EQ(document.ensemble.members.size(), 2U);
  EXPECT_EQ(tensor_text(document.tensors.at("member.2.bank")), "F32 [6, 3]");
  const auto flat = flat_settings(document.settings);
  const std::map<std::string, std::string> settings(flat.begin(), flat.end());
  EXPECT_EQ(settings.at("members.1.backbone.name"), "resnet18");
  EXPECT_EQ(settings.at("members.2.backbone.name"), "densenet121");
  EXPECT_EQ(settings.at("calibration.threshold"), "1.125");
}

TEST(ReadBankDocument, RefusesAnAlteredFile) {
  const test::TemporaryFolder folder;
  write_bank_file(folder / "bank", test::small_bank());
  std::string bytes = test::read_whole_file(folder / "bank");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  test::write_whole_file(folder / "bank", bytes);
  EXPECT_ERROR(read_bank_document(folder / "bank"), corrupt, "bank");
  EXPECT_ERROR(read_bank_document(folder / "none"), not_found, "none");
}

TEST(FlatSettings, JoinNamesAndKeepLists) {
  const auto flat = flat_settings(R"({"a": {"b": {"c": 1}, "d": [1, 2]}, "e": "text", "f": true})");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"a.b.c", "1"}, {"a.d", "[1,2]"}, {"e", "text"}, {"f", "true"}};
  EXPECT_EQ(flat, expected);
}

TEST(TensorText, OfAScalarHasNoSides) {
  StoredTensor scalar;
  EXPECT_EQ(tensor_text(scalar), "F32 []");
}

}  // namespace patchcore
