// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the tables and the JSON of an evaluation.
#include "tools/patchcore/evaluation/result_files.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/tools/patchcore/evaluation/example_result.h"

namespace patchcore {

using test::example_result;

TEST(ResultsCsv, IsAsThePublishedOne) {
  CategoryResult second = example_result("nut, M6");
  second.image->auroc = 1;
  second.pixels = {};
  EXPECT_EQ(results_csv({example_result("bolt"), second}),
            "Row Names,instance_auroc,full_pixel_auroc,anomaly_pixel_auroc\r\n"
            "bolt,0.5,0.91,0.71\r\n"
            "\"nut, M6\",1.0,,\r\n"
            "Mean,0.75,0.91,0.71\r\n");
}

TEST(ResultsCsv, OfNothingHasAnEmptyMean) {
  EXPECT_EQ(results_csv({}),
            "Row Names,instance_auroc,full_pixel_auroc,anomaly_pixel_auroc\r\nMean,,,\r\n");
}

TEST(ResultsJson, HasEveryFigureAndWhatFailed) {
  const nlohmann::ordered_json json = results_json({example_result("bolt"), example_result("nut")},
                                                   {{"washer", "no pictures"}}, {{"seed", 3}});
  EXPECT_EQ(json["settings"]["seed"], 3);
  EXPECT_EQ(json["failed"][0]["name"], "washer");
  EXPECT_EQ(json["failed"][0]["reason"], "no pictures");
  ASSERT_EQ(json["categories"].size(), 2U);
  for (const Figure& figure : all_figures()) {
    EXPECT_EQ(json["mean"][figure.name], *figure.of(example_result())) << figure.name;
    EXPECT_EQ(json["categories"][1]["figures"][figure.name], *figure.of(example_result()));
  }
  EXPECT_FALSE(json["categories"][0].contains("pictures"));
  EXPECT_EQ(json["categories"][0]["bank"]["training_seconds"], 8.75);
}

TEST(ScoresCsv, HasARowForEachPicture) {
  EXPECT_EQ(scores_csv(example_result()),
            "picture,type,anomalous,score,relative_score,called_anomalous\r\n"
            "\"/data/a \"\"1\"\".png\",good,0,1.5,0.6,0\r\n"
            "/data/b.png,dent,1,3.5,1.4,1\r\n"
            "/data/c.png,dent,1,0.1,0.04,0\r\n");
}

TEST(JsonText, TakesAnyBytes) {
  const std::string text = json_text({{"name", "\xFF\xFE"}});
  EXPECT_NE(text.find("\xEF\xBF\xBD"), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n');
}

}  // namespace patchcore
