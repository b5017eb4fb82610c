// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the report; that it is well-formed is part of tests/pipelines/evaluate_command_test.py.
#include "tools/patchcore/evaluation/html_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/tools/patchcore/evaluation/example_result.h"

namespace patchcore {
namespace {

using test::example_result;

std::vector<std::uint8_t> sheet(const CategoryResult&, const std::string&) {
  std::vector<std::uint8_t> png;
  cv::imencode(".png", cv::Mat::zeros(8, 8, CV_8UC3), png);
  return png;
}

std::vector<std::uint8_t> no_sheet(const CategoryResult&, const std::string&) {
  return {};
}

bool has(const std::string& page, const std::string& part) {
  return page.find(part) != std::string::npos;
}

}  // namespace

TEST(HtmlReport, HasFiguresNotesChartsAndPictures) {
  const std::string page = html_report({example_result()}, {}, {{"backbone", "resnet18"}}, sheet);
  EXPECT_TRUE(has(page, "<h2>bolt &lt;&amp;&gt; Ü</h2>"));
  EXPECT_FALSE(has(page, "bolt <"));
  EXPECT_TRUE(has(page, "<td>0.9100</td>"));
  EXPECT_TRUE(has(page, "dent: 1 of 2 pictures without a mask"));
  EXPECT_TRUE(has(page, "Histogram of scores"));
  EXPECT_TRUE(has(page, "ROC curve"));
  EXPECT_TRUE(has(page, "src=\"data:image/jpeg;base64,"));
  EXPECT_TRUE(has(page, "dent/b.png: score 3.5, 1.40 of the threshold, found"));
  EXPECT_TRUE(has(page, "&quot;backbone&quot;: &quot;resnet18&quot;"));
  EXPECT_TRUE(has(page, "trained with 12 pictures in 8.8 s"));
}

TEST(HtmlReport, TellsMistakes) {
  CategoryResult result = example_result();
  for (PictureResult& picture : result.pictures) picture.sheet = "sheets/x.png";
  result.bank.threshold = 1;
  const std::string page = html_report({result}, {}, {}, sheet);
  EXPECT_TRUE(has(page, "false alarm"));
  EXPECT_TRUE(has(page, "missed"));
}

TEST(HtmlReport, NeedsNothingElse) {
  const std::string page = html_report({example_result()}, {}, {}, sheet);
  for (const char* part : {"http:", "https:", "<script", "<link", "url(", "@import"}) {
    EXPECT_FALSE(has(page, part)) << part;
  }
}

TEST(HtmlReport, TellsWhatFailedAndShowsDashes) {
  CategoryResult empty;
  empty.name = "empty";
  const std::string page = html_report({empty}, {{"nut", "there are no <pictures>"}}, {}, no_sheet);
  EXPECT_TRUE(has(page, "nut could not be evaluated: there are no &lt;pictures&gt;"));
  EXPECT_TRUE(has(page, "<td>&ndash;</td>"));
  EXPECT_FALSE(has(page, "<img"));
}

}  // namespace patchcore
