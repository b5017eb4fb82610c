// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the format of result lines, which other programs parse: names, order, units, nulls, and
// numbers that read back exactly in every locale.
#include "gst/gstpatchcorejson.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <clocale>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using Json = nlohmann::json;

class PatchCoreJson : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    buffer_ = gst_buffer_new();
    meta_ = gst_buffer_add_patch_core_meta(buffer_);
    meta_->result = GST_PATCH_CORE_RESULT_FRESH;
    meta_->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
    meta_->score = 3.5;
    meta_->threshold = 2;
    meta_->usual_score = 1.25;
    meta_->relative_score = 1.75;
    meta_->scored_pts = 40;
    meta_->age = 0;
    gst_patch_core_meta_set_bank(meta_, "0\"a");
    meta_->inspected_x = 1;
    meta_->inspected_y = 2;
    meta_->inspected_width = 30;
    meta_->inspected_height = 40;
    const gfloat map[] = {0.5F, 1, 3.5F, 0.1F};
    gst_patch_core_meta_set_map(meta_, map, 2, 2);
    const GstPatchCoreRegion region = {3, 4, 5, 6, 20.5, 3.5, 5, 7};
    gst_patch_core_meta_set_regions(meta_, &region, 1);
  }

  void TearDown() override { gst_buffer_unref(buffer_); }

  Json parsed(bool include_map = false) {
    return Json::parse(gst_patch_core_json(0, 0, meta_, include_map));
  }

  GstBuffer* buffer_ = nullptr;
  GstPatchCoreMeta* meta_ = nullptr;
};

TEST_F(PatchCoreJson, WholeLine) {
  EXPECT_EQ(
      gst_patch_core_json(7, 80, meta_, false),
      "{\"frame\":7,\"pts\":80,\"result\":\"fresh\",\"reason\":null,\"verdict\":\"anomalous\","
      "\"score\":3.5,\"threshold\":2.0,\"usual_score\":1.25,\"relative_score\":1.75,"
      "\"scored_pts\":40,\"age\":0,\"bank\":\"0\\\"a\","
      "\"inspected\":{\"x\":1,\"y\":2,\"width\":30,\"height\":40},"
      "\"map\":{\"width\":2,\"height\":2},"
      "\"regions\":[{\"x\":3,\"y\":4,\"width\":5,\"height\":6,\"area\":20.5,\"peak\":3.5,"
      "\"peak_x\":5,\"peak_y\":7}],\"parts\":[]}");
}

constexpr const char* not_inspected =
    "{\"frame\":0,\"pts\":null,\"result\":\"none\",\"reason\":null,\"verdict\":\"unknown\","
    "\"score\":null,\"threshold\":null,\"usual_score\":null,\"relative_score\":null,"
    "\"scored_pts\":null,\"age\":null,\"bank\":null,\"inspected\":null,"
    "\"map\":null,\"regions\":[],\"parts\":[]}";

TEST_F(PatchCoreJson, WithoutMetaEveryFieldIsThereAndNothingLooksGood) {
  EXPECT_EQ(gst_patch_core_json(0, GST_CLOCK_TIME_NONE, nullptr, true), not_inspected);
}

// Left-over values of an element that forgot to clear them must not pass for a result.
TEST_F(PatchCoreJson, AResultOfNoneHidesAllValues) {
  meta_->result = GST_PATCH_CORE_RESULT_NONE;
  EXPECT_EQ(gst_patch_core_json(0, GST_CLOCK_TIME_NONE, meta_, true), not_inspected);
}

TEST_F(PatchCoreJson, ResultsAndVerdictsByName) {
  meta_->result = GST_PATCH_CORE_RESULT_HELD;
  meta_->verdict = GST_PATCH_CORE_VERDICT_NORMAL;
  EXPECT_EQ(parsed()["result"], "held");
  EXPECT_EQ(parsed()["verdict"], "normal");
  meta_->verdict = GST_PATCH_CORE_VERDICT_UNKNOWN;
  EXPECT_EQ(parsed()["verdict"], "unknown");
}

// Above all of frames that have no result: whoever reads the lines wants to know why.
TEST_F(PatchCoreJson, ReasonsByName) {
  meta_->result = GST_PATCH_CORE_RESULT_NONE;
  meta_->reason = GST_PATCH_CORE_REASON_NOT_YET;
  EXPECT_EQ(parsed()["reason"], "not-yet");
  meta_->result = GST_PATCH_CORE_RESULT_HELD;
  meta_->reason = GST_PATCH_CORE_REASON_LATE;
  EXPECT_EQ(parsed()["reason"], "late");
}

TEST_F(PatchCoreJson, EveryPartSaysWhatItCameTo) {
  const GstPatchCorePart parts[] = {
      {7, GST_PATCH_CORE_REASON_NONE, GST_PATCH_CORE_VERDICT_NORMAL, 1.5, 0.75, 1, 2, 3, 4},
      {8, GST_PATCH_CORE_REASON_UNFIT, GST_PATCH_CORE_VERDICT_UNKNOWN, 0, 0, 5, 6, 7, 8}};
  gst_patch_core_meta_set_parts(meta_, parts, 2);
  EXPECT_EQ(parsed()["parts"],
            Json::parse(R"([{"roi_id":7,"reason":null,"verdict":"normal","score":1.5,
                             "relative_score":0.75,"x":1,"y":2,"width":3,"height":4},
                            {"roi_id":8,"reason":"unfit","verdict":"unknown","score":null,
                             "relative_score":null,"x":5,"y":6,"width":7,"height":8}])"));
  // Of a frame none of whose parts fits, too.
  meta_->result = GST_PATCH_CORE_RESULT_NONE;
  EXPECT_EQ(parsed()["parts"].size(), 2U);
}

TEST_F(PatchCoreJson, ResultsThatNameNoBankSayNull) {
  gst_patch_core_meta_set_bank(meta_, nullptr);
  meta_->age = GST_CLOCK_TIME_NONE;
  EXPECT_TRUE(parsed()["bank"].is_null());
  EXPECT_TRUE(parsed()["age"].is_null());
}

// The setter refuses it, but the field is open to all.
TEST_F(PatchCoreJson, ANameThatIsNoUtf8IsReplaced) {
  g_free(meta_->bank);
  meta_->bank = g_strdup("a\xff");
  EXPECT_EQ(parsed()["bank"], "a\uFFFD");
}

TEST_F(PatchCoreJson, ImpossibleEnumerationValuesAreNoVerdict) {
  meta_->verdict = static_cast<GstPatchCoreVerdict>(99);
  EXPECT_EQ(parsed()["verdict"], "unknown");
}

TEST_F(PatchCoreJson, NumbersThatJsonCannotSayAreNull) {
  meta_->score = std::numeric_limits<double>::quiet_NaN();
  meta_->threshold = -std::numeric_limits<double>::infinity();
  meta_->relative_score = std::numeric_limits<double>::infinity();
  const gfloat map[] = {std::numeric_limits<gfloat>::quiet_NaN()};
  gst_patch_core_meta_set_map(meta_, map, 1, 1);
  const Json line = parsed(true);
  EXPECT_TRUE(line["score"].is_null());
  EXPECT_TRUE(line["threshold"].is_null());
  EXPECT_TRUE(line["relative_score"].is_null());
  EXPECT_TRUE(line["map"]["values"][0].is_null());
}

TEST_F(PatchCoreJson, MissingTimeOfTheScoredFrameIsNull) {
  meta_->scored_pts = GST_CLOCK_TIME_NONE;
  EXPECT_TRUE(parsed()["scored_pts"].is_null());
}

TEST_F(PatchCoreJson, TimesKeepEveryNanosecond) {
  const GstClockTime late = G_GUINT64_CONSTANT(18446744073709551614);
  EXPECT_NE(gst_patch_core_json(0, late, nullptr, false).find("\"pts\":18446744073709551614,"),
            std::string::npos);
}

TEST_F(PatchCoreJson, NumbersReadBackExactly) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, 5e-324,
                             std::numeric_limits<double>::max(), -0.7}) {
    meta_->score = value;
    EXPECT_EQ(parsed()["score"].get<double>(), value);
  }
}

TEST_F(PatchCoreJson, MapValuesOnlyWhenWanted) {
  EXPECT_FALSE(parsed(false)["map"].contains("values"));
  const Json values = parsed(true)["map"]["values"];
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[0].get<float>(), 0.5F);
  EXPECT_EQ(values[3].get<float>(), 0.1F);
}

TEST_F(PatchCoreJson, NoMapIsNull) {
  gst_patch_core_meta_set_map(meta_, nullptr, 0, 0);
  EXPECT_TRUE(parsed(true)["map"].is_null());
}

TEST_F(PatchCoreJson, NoRegionsIsAnEmptyList) {
  gst_patch_core_meta_set_regions(meta_, nullptr, 0);
  EXPECT_EQ(parsed()["regions"], Json::array());
}

TEST_F(PatchCoreJson, LocalesWithDecimalCommasChangeNothing) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("patchcore-locale-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string compile = "localedef -i de_DE -f UTF-8 " + (folder / "de_DE.UTF-8").string();
  ASSERT_EQ(std::system(compile.c_str()), 0) << "install Debian's package locales";
  g_setenv("LOCPATH", folder.c_str(), TRUE);
  const std::string before = setlocale(LC_NUMERIC, nullptr);
  ASSERT_NE(setlocale(LC_NUMERIC, "de_DE.UTF-8"), nullptr);
  ASSERT_STREQ(localeconv()->decimal_point, ",");

  const std::string line = gst_patch_core_json(0, 0, meta_, true);
  setlocale(LC_NUMERIC, before.c_str());
  g_unsetenv("LOCPATH");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(line, gst_patch_core_json(0, 0, meta_, true));
}

}  // namespace
