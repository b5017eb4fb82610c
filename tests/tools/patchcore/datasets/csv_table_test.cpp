// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading and writing of tables.
#include "tools/patchcore/datasets/csv_table.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace patchcore {

TEST(ParseCsv, NamesTheFields) {
  const auto rows = parse_csv("a,b\n1,2\n\n3,\n", "t");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("a"), "1");
  EXPECT_EQ(rows[0].at("b"), "2");
  EXPECT_EQ(rows[1].at("b"), "");
}

TEST(ParseCsv, TakesQuotesAndBothLineEnds) {
  const auto rows = parse_csv("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"", "t");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("a"), "x, \"y\"");
  EXPECT_EQ(rows[0].at("b"), "two\nlines");
}

TEST(ParseCsv, OfNothingIsNothing) {
  EXPECT_TRUE(parse_csv("", "t").empty());
  EXPECT_TRUE(parse_csv("a,b\n", "t").empty());
}

TEST(ParseCsv, RefusesRowsOfAnotherLength) {
  EXPECT_ERROR(parse_csv("a,b\n1,2\n1,2,3\n", "t.csv"), corrupt, "\"t.csv\": row 2 has 3 fields");
  EXPECT_ERROR(parse_csv("a,b\n1\n", "t.csv"), corrupt, "row 1 has 1 fields");
}

TEST(ParseCsv, RefusesAnOpenQuote) {
  EXPECT_ERROR(parse_csv("a\n\"1\n", "t.csv"), corrupt, "inside quotes");
}

TEST(FormatCsvLine, IsReadBackAsItWas) {
  const std::vector<std::string> fields = {"plain", "a, b", "\"quoted\"", "", "two\nlines"};
  const std::string text = format_csv_line({"1", "2", "3", "4", "5"}) + format_csv_line(fields);
  EXPECT_EQ(text.substr(0, 11), "1,2,3,4,5\r\n");
  const auto rows = parse_csv(text, "t");
  ASSERT_EQ(rows.size(), 1U);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(rows[0].at(std::to_string(i + 1)), fields[i]);
  }
}

}  // namespace patchcore
