// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the folder of results: what is there is kept.
#include "tools/patchcore/evaluation/result_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"
#include "tests/tools/patchcore/datasets/example_files.h"
#include "tests/tools/patchcore/evaluation/example_result.h"

namespace patchcore {
namespace {

using test::example_result;
using Json = nlohmann::ordered_json;

const Json settings = {{"input-size", "256"}, {"seed", 1}};

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

}  // namespace

TEST(ResultFolder, GoesOnWhereItWas) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "new/results Ü";
  {
    const ResultFolder results(path, settings, false);
    EXPECT_FALSE(results.finished("bolt"));
    results.finish(example_result("bolt"));
  }
  const ResultFolder results(path, settings, false);
  ASSERT_TRUE(results.finished("bolt"));
  EXPECT_EQ(results.finished("bolt")->bank.patches, 345);
  EXPECT_FALSE(results.finished("nut"));
  results.finish(example_result("a nut"));
  const auto all = results.all_finished().results;
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "a nut");
  EXPECT_TRUE(exists(path + "/bolt/scores.csv"));
}

TEST(ResultFolder, WritesTheReportOfAllThatAreDone) {
  const test::TemporaryFolder folder;
  const ResultFolder results(folder / "r", settings, false);
  results.finish(example_result("bolt"));
  results.write_report({{"nut", "no pictures"}}, settings);
  EXPECT_NE(test::read_whole_file(folder / "r/results.csv").find("bolt,0.5"), std::string::npos);
  const Json json = Json::parse(test::read_whole_file(folder / "r/results.json"));
  EXPECT_EQ(json["settings"], settings);
  EXPECT_EQ(json["failed"].size(), 1U);
  EXPECT_NE(test::read_whole_file(folder / "r/report.html").find("<h2>bolt</h2>"),
            std::string::npos);
}

// What became of another category does not keep this one from its report.
TEST(ResultFolder, ReportsResultsThatCannotBeRead) {
  const test::TemporaryFolder folder;
  const ResultFolder results(folder / "r", settings, false);
  results.finish(example_result("bolt"));
  test::touch(folder / "r/nut/result.json", "{\"name\": ");
  const FinishedCategories all = results.all_finished();
  ASSERT_EQ(all.results.size(), 1U);
  ASSERT_EQ(all.unreadable.size(), 1U);
  EXPECT_EQ(all.unreadable[0].name, "nut");
  EXPECT_NE(all.unreadable[0].reason.find("r/nut/result.json"), std::string::npos);
  for (const std::vector<CategoryFailure>& failures :
       {std::vector<CategoryFailure>{}, std::vector<CategoryFailure>{{"nut", "damaged"}}}) {
    results.write_report(failures, settings);
    const Json json = Json::parse(test::read_whole_file(folder / "r/results.json"));
    ASSERT_EQ(json["failed"].size(), 1U);
  }
}

TEST(ResultFolder, RefusesOtherSettings) {
  const test::TemporaryFolder folder;
  ResultFolder(folder / "r", settings, false).finish(example_result("bolt"));
  Json other = settings;
  other["input-size"] = "320";
  EXPECT_ERROR(ResultFolder(folder / "r", other, false), invalid_argument,
               "input-size: \"256\", now \"320\"");
  EXPECT_TRUE(exists(folder / "r/bolt/result.json"));
}

TEST(ResultFolder, RefusesAForeignFolder) {
  const test::TemporaryFolder folder;
  test::touch(folder / "r/thesis.tex");
  for (const bool overwrite : {false, true}) {
    EXPECT_ERROR(ResultFolder(folder / "r", settings, overwrite), invalid_argument, "not empty");
  }
  EXPECT_TRUE(exists(folder / "r/thesis.tex"));
  EXPECT_FALSE(exists(folder / "r/settings.json"));
}

TEST(ResultFolder, RefusesTheSettingsOfAnotherProgram) {
  const test::TemporaryFolder folder;
  test::touch(folder / "r/game/maps/level1");
  for (const char* theirs : {R"({"editor.tabSize": 2})", "[1]", "// not JSON", ""}) {
    test::touch(folder / "r/settings.json", theirs);
    for (const bool overwrite : {false, true}) {
      EXPECT_ERROR(ResultFolder(folder / "r", settings, overwrite), invalid_argument, "not empty");
    }
  }
  EXPECT_TRUE(exists(folder / "r/game/maps/level1"));
}

TEST(ResultFolder, OverwritesOnlyWhatItWrote) {
  const test::TemporaryFolder folder;
  ResultFolder(folder / "r", settings, false).finish(example_result("bolt"));
  for (const char* name : {"bolt/sheets/dent/a.png", "bolt/maps/dent/a.npy", "report.html",
                           "bolt/bank.safetensors", "notes/mine.txt", "nut/own.txt"}) {
    test::touch(folder / "r" + ("/" + std::string(name)));
  }
  Json other = settings;
  other["seed"] = 2;
  const ResultFolder results(folder / "r", other, true);
  EXPECT_TRUE(results.all_finished().results.empty());
  EXPECT_FALSE(exists(folder / "r/bolt"));
  EXPECT_FALSE(exists(folder / "r/report.html"));
  EXPECT_TRUE(exists(folder / "r/notes/mine.txt"));
  EXPECT_TRUE(exists(folder / "r/nut/own.txt"));
  EXPECT_EQ(Json::parse(test::read_whole_file(folder / "r/settings.json")), other);
}

TEST(ResultFolder, TellsThatSomethingIsBroken) {
  const test::TemporaryFolder folder;
  {
    const ResultFolder results(folder / "r", settings, false);
    test::touch(folder / "r/bolt/result.json", "{");
    EXPECT_ERROR(results.finished("bolt"), corrupt, "bolt/result.json");
  }
  test::touch(folder / "file");
  EXPECT_ERROR(ResultFolder(folder / "file", settings, false), write_failed, "file");
}

}  // namespace patchcore
