// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects results between runs, and the list of figures.
#include "tools/patchcore/evaluation/category_result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/tools/patchcore/evaluation/example_result.h"

namespace patchcore {

using test::example_result;

TEST(CategoryResult, IsReadBackAsItWas) {
  const CategoryResult result = example_result();
  const std::string text = category_json(result).dump();
  const CategoryResult read = parse_category(text, "t");
  EXPECT_EQ(category_json(read).dump(), text);
  EXPECT_EQ(read.name, result.name);
  EXPECT_EQ(read.bank.training_seconds, 8.75);
  EXPECT_EQ(read.pictures[1].sheet, "sheets/dent/b.png.png");
  EXPECT_EQ(read.worst, result.worst);
  EXPECT_EQ(read.pixels.full->best_f1_threshold, 2.25);
}

TEST(CategoryResult, IsReadBackWithoutFigures) {
  CategoryResult result;
  result.name = "a";
  const CategoryResult read = parse_category(category_json(result).dump(), "t");
  EXPECT_FALSE(read.image);
  EXPECT_FALSE(read.f1_at_threshold);
  EXPECT_FALSE(read.pixels.full);
  EXPECT_FALSE(read.pixels.full_pro);
  EXPECT_FALSE(read.bank.training_seconds);
}

TEST(CategoryResult, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "[]", "{}", "{\"name\": 3}"}) {
    EXPECT_ERROR(parse_category(text, "r.json"), corrupt, "r.json");
  }
  const nlohmann::ordered_json whole = category_json(example_result());
  nlohmann::ordered_json json = whole;
  for (const auto& [name, value] : whole.items()) {
    if (name == "figures") continue;  // derived
    nlohmann::ordered_json without = whole;
    without.erase(name);
    EXPECT_ERROR(parse_category(without.dump(), "r.json"), corrupt, name);
  }
  json["worst"] = {3};
  EXPECT_ERROR(parse_category(json.dump(), "r.json"), corrupt, "worst");
}

TEST(LabelledScores, AreThoseOfThePictures) {
  const auto scores = labelled_scores(example_result());
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[1].score, 3.5);
  EXPECT_TRUE(scores[1].anomalous);
  EXPECT_FALSE(scores[0].anomalous);
}

TEST(AllFigures, BeginWithThePublishedOnes) {
  const std::vector<std::string> published = {"instance_auroc", "full_pixel_auroc",
                                              "anomaly_pixel_auroc"};
  std::set<std::string> names;
  for (std::size_t i = 0; i < all_figures().size(); ++i) {
    const Figure& figure = all_figures()[i];
    EXPECT_EQ(figure.published, i < published.size()) << figure.name;
    if (i < published.size()) {
      EXPECT_EQ(figure.name, published[i]);
    }
    EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
  }
}

TEST(AllFigures, AreEachAnother) {
  std::set<double> values;
  for (const Figure& figure : all_figures()) {
    const auto value = figure.of(example_result());
    ASSERT_TRUE(value) << figure.name;
    EXPECT_TRUE(values.insert(*value).second) << figure.name;
    EXPECT_FALSE(figure.of(CategoryResult())) << figure.name;
  }
}

TEST(MeanFigure, IsOverThoseThatHaveIt) {
  CategoryResult other = example_result();
  other.image->auroc = 0.7;
  const Figure& auroc = all_figures()[0];
  EXPECT_NEAR(*mean_figure(auroc, {example_result(), CategoryResult(), other}), 0.6, 1e-12);
  EXPECT_FALSE(mean_figure(auroc, {CategoryResult()}));
  EXPECT_FALSE(mean_figure(auroc, {}));
}

}  // namespace patchcore
