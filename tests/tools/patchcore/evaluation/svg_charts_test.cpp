// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the charts of the report.
#include "tools/patchcore/evaluation/svg_charts.h"

#include <gtest/gtest.h>

namespace patchcore {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST(ScoreHistogram, HasABarForEachKindAndBin) {
  const std::string chart =
      score_histogram({{0, false}, {0.01, false}, {5, false}, {5, true}, {10, true}}, {});
  EXPECT_EQ(count(chart, "fill=\"#2a7f3f\""), 2U) << chart;
  EXPECT_EQ(count(chart, "fill=\"#c0392b\""), 2U) << chart;
  // The tallest bar has the plot's height, those of one the half.
  EXPECT_EQ(count(chart, "height=\"202.00\" fill"), 1U) << chart;
  EXPECT_EQ(count(chart, "height=\"101.00\" fill"), 3U) << chart;
}

TEST(ScoreHistogram, WidensForMarks) {
  const std::string chart = score_histogram({{1, false}, {2, true}}, {{4, "<threshold>"}});
  EXPECT_EQ(count(chart, "class=\"mark\""), 1U);
  EXPECT_NE(chart.find("&lt;threshold&gt; 4<"), std::string::npos) << chart;
  EXPECT_NE(chart.find("x1=\"408.00\""), std::string::npos) << chart;
}

TEST(ScoreHistogram, TakesEqualScores) {
  const std::string chart = score_histogram({{3, false}, {3, false}}, {{3, "t"}});
  EXPECT_EQ(count(chart, "fill=\"#2a7f3f\""), 1U) << chart;
  EXPECT_EQ(chart.find("nan"), std::string::npos);
}

TEST(RocChart, GoesFromCornerToCorner) {
  const std::string chart = roc_chart({{0, 0}, {0, 0.5}, {1, 1}});
  EXPECT_NE(chart.find("points=\"44.00,228.00 44.00,127.00 408.00,26.00 \""), std::string::npos)
      << chart;
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(escape_html("<a href=\"x\">&Ü"), "&lt;a href=&quot;x&quot;&gt;&amp;Ü");
}

}  // namespace patchcore
