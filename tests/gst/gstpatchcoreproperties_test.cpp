// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what users may write for flags and enumerations on a command line.
#include "gst/gstpatchcoreproperties.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "core/options.h"

namespace {

class PatchCoreProperties : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }

  /// What @p text means as an overlay; -1 if nothing.
  static int overlay(const char* text) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_PATCH_CORE_OVERLAY_FLAGS);
    const int result =
        gst_value_deserialize(&value, text) ? static_cast<int>(g_value_get_flags(&value)) : -1;
    g_value_unset(&value);
    return result;
  }
};

TEST_F(PatchCoreProperties, OverlaysAreJoinedByPlus) {
  EXPECT_EQ(overlay("none"), GST_PATCH_CORE_OVERLAY_NONE);
  EXPECT_EQ(overlay("heatmap"), GST_PATCH_CORE_OVERLAY_HEATMAP);
  EXPECT_EQ(overlay("contour"), GST_PATCH_CORE_OVERLAY_CONTOUR);
  EXPECT_EQ(overlay("heatmap+contour+label"), 7);
  EXPECT_EQ(overlay("label+heatmap"), 5);
}

TEST_F(PatchCoreProperties, UnknownOverlaysAreRefused) {
  EXPECT_EQ(overlay("heat"), -1);
  EXPECT_EQ(overlay("heatmap,label"), -1);
}

TEST_F(PatchCoreProperties, MessageModesHaveNicks) {
  auto* type = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_PATCH_CORE_POST_MESSAGES));
  for (const char* nick : {"none", "changes", "anomalous", "all"}) {
    EXPECT_NE(g_enum_get_value_by_nick(type, nick), nullptr) << nick;
  }
  EXPECT_EQ(g_enum_get_value_by_nick(type, "some"), nullptr);
  g_type_class_unref(type);
}

/// The enumeration has exactly @p values, under the engine's names and numbers.
template <typename Value>
void expect_values_of_engine(GType enumeration, const char* (*name)(Value),
                             std::initializer_list<Value> values) {
  auto* type = static_cast<GEnumClass*>(g_type_class_ref(enumeration));
  EXPECT_EQ(type->n_values, values.size());
  for (const Value named : values) {
    const GEnumValue* value = g_enum_get_value(type, static_cast<gint>(named));
    ASSERT_NE(value, nullptr) << name(named);
    EXPECT_STREQ(value->value_nick, name(named));
  }
  g_type_class_unref(type);
}

TEST_F(PatchCoreProperties, EnumerationsHaveTheNamesAndNumbersOfTheEngine) {
  using namespace patchcore;
  expect_values_of_engine(GST_TYPE_PATCH_CORE_INDEX, index_name,
                          {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat,
                           IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw});
  expect_values_of_engine(GST_TYPE_PATCH_CORE_SAMPLER, sampler_name,
                          {SamplerKind::identity, SamplerKind::random, SamplerKind::greedy,
                           SamplerKind::approximate_greedy});
  expect_values_of_engine(
      GST_TYPE_PATCH_CORE_PRECISION, precision_name,
      {Precision::automatic, Precision::fp32, Precision::bf16, Precision::fp16});
  expect_values_of_engine(GST_TYPE_PATCH_CORE_SCORE_MODE, score_mode_name,
                          {ScoreMode::published, ScoreMode::paper});
  expect_values_of_engine(GST_TYPE_PATCH_CORE_IMAGE_SCORE, image_score_name,
                          {ImageScore::max, ImageScore::top});
}

TEST_F(PatchCoreProperties, AnIndexIsDescribedWithItsRecallIfThatIsKnown) {
  GstStructure* structure = gst_structure_new_empty("test");
  gst_patch_core_index_add_fields(structure, patchcore::IndexKind::screened, {});
  EXPECT_STREQ(gst_structure_get_string(structure, "index"), "screened");
  EXPECT_EQ(gst_structure_n_fields(structure), 1);
  gst_patch_core_index_add_fields(structure, patchcore::IndexKind::faiss_ivfpq,
                                  patchcore::SearchRecall{0.75, 0.25, 0.5});
  EXPECT_STREQ(gst_structure_get_string(structure, "index"), "faiss-ivfpq");
  double recall = 0;
  double mean = 0;
  double largest = 0;
  EXPECT_TRUE(gst_structure_get(structure, "recall", G_TYPE_DOUBLE, &recall, "mean-score-error",
                                G_TYPE_DOUBLE, &mean, "largest-score-error", G_TYPE_DOUBLE,
                                &largest, nullptr));
  EXPECT_EQ(recall, 0.75);
  EXPECT_EQ(mean, 0.25);
  EXPECT_EQ(largest, 0.5);
  gst_structure_free(structure);
}

TEST_F(PatchCoreProperties, SamplersAndScoreModesHaveTheNumbersOfTheEngine) {
  auto* samplers = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_PATCH_CORE_SAMPLER));
  int expected = static_cast<int>(patchcore::SamplerKind::identity);
  for (const char* nick : {"identity", "random", "greedy", "approximate-greedy"}) {
    const GEnumValue* value = g_enum_get_value_by_nick(samplers, nick);
    ASSERT_NE(value, nullptr) << nick;
    EXPECT_EQ(value->value, expected++) << nick;
  }
  EXPECT_EQ(g_enum_get_value_by_nick(samplers, "approximate_greedy"), nullptr);
  g_type_class_unref(samplers);

  auto* modes = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_PATCH_CORE_SCORE_MODE));
  ASSERT_NE(g_enum_get_value_by_nick(modes, "published"), nullptr);
  ASSERT_NE(g_enum_get_value_by_nick(modes, "paper"), nullptr);
  EXPECT_EQ(g_enum_get_value_by_nick(modes, "paper")->value,
            static_cast<int>(patchcore::ScoreMode::paper));
  EXPECT_EQ(g_enum_get_value_by_nick(modes, "Paper"), nullptr);
  g_type_class_unref(modes);

  auto* scores = static_cast<GEnumClass*>(g_type_class_ref(GST_TYPE_PATCH_CORE_IMAGE_SCORE));
  for (const auto& [nick, score] : {std::pair{"max", patchcore::ImageScore::max},
                                    std::pair{"top", patchcore::ImageScore::top}}) {
    const GEnumValue* value = g_enum_get_value_by_nick(scores, nick);
    ASSERT_NE(value, nullptr) << nick;
    EXPECT_EQ(value->value, static_cast<int>(score)) << nick;
  }
  g_type_class_unref(scores);
}

}  // namespace
