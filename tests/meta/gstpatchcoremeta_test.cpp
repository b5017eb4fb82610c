// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a result is attached to its frame and found there, in memory of its own, and that
// wrong calls change nothing.
#include <gst/patchcore/patchcore.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/meta/example_result.h"

namespace {

using namespace patchcore::test;

/// Counts the criticals that wrong calls log, and keeps them from the terminal.
class Criticals {
 public:
  explicit Criticals(const char* domain = "GStreamer-PatchCore")
      : domain_(domain), handler_(g_log_set_handler(domain, G_LOG_LEVEL_CRITICAL, count, this)) {}
  ~Criticals() { g_log_remove_handler(domain_, handler_); }
  Criticals(const Criticals&) = delete;
  Criticals& operator=(const Criticals&) = delete;

  int seen() const { return seen_; }

 private:
  static void count(const gchar*, GLogLevelFlags, const gchar*, gpointer self) {
    ++static_cast<Criticals*>(self)->seen_;
  }

  const char* domain_;
  int seen_ = 0;
  guint handler_;
};

class PatchCoreMeta : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    buffer_ = make_buffer();
    meta_ = gst_buffer_add_patch_core_meta(buffer_.get());
    ASSERT_NE(meta_, nullptr);
  }

  Buffer buffer_;
  GstPatchCoreMeta* meta_ = nullptr;
};

TEST_F(PatchCoreMeta, NewOnesSayNotInspectedAndNotGood) {
  EXPECT_EQ(meta_->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(meta_->verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
  EXPECT_TRUE(std::isnan(meta_->score));
  EXPECT_TRUE(std::isnan(meta_->threshold));
  EXPECT_TRUE(std::isnan(meta_->usual_score));
  EXPECT_TRUE(std::isnan(meta_->relative_score));
  EXPECT_EQ(meta_->reason, GST_PATCH_CORE_REASON_NONE);
  EXPECT_EQ(meta_->scored_pts, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(meta_->age, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(meta_->bank, nullptr);
  EXPECT_EQ(meta_->map, nullptr);
  EXPECT_EQ(meta_->n_regions, 0U);
  EXPECT_EQ(meta_->regions, nullptr);
}

TEST_F(PatchCoreMeta, IsFoundOnItsBufferAndOnNoOther) {
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_.get()), meta_);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(make_buffer().get()), nullptr);
}

TEST_F(PatchCoreMeta, OfSeveralTheFirstIsFound) {
  meta_->score = 1;
  gst_buffer_add_patch_core_meta(buffer_.get())->score = 2;
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_.get())->score, 1);
}

TEST_F(PatchCoreMeta, ASharedBufferIsLeftAlone) {
  const Buffer other(gst_buffer_ref(buffer_.get()));
  const Criticals criticals;
  EXPECT_EQ(gst_buffer_add_patch_core_meta(buffer_.get()), nullptr);
  EXPECT_EQ(criticals.seen(), 1);
}

TEST_F(PatchCoreMeta, NoBufferIsRefused) {
  const Criticals criticals;
  EXPECT_EQ(gst_buffer_add_patch_core_meta(nullptr), nullptr);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(nullptr), nullptr);
  EXPECT_EQ(criticals.seen(), 2);
}

TEST_F(PatchCoreMeta, NoMetaIsRefused) {
  const Criticals criticals;
  gsize n_values = 7;
  gst_patch_core_meta_set_bank(nullptr, "bank 1");
  gst_patch_core_meta_set_map(nullptr, example_map, 3, 2);
  gst_patch_core_meta_set_regions(nullptr, example_regions, 2);
  EXPECT_EQ(gst_patch_core_meta_get_map(nullptr, &n_values), nullptr);
  EXPECT_EQ(n_values, 0U);
  EXPECT_EQ(gst_patch_core_meta_get_region(nullptr, 0), nullptr);
  EXPECT_EQ(criticals.seen(), 5);
}

TEST_F(PatchCoreMeta, BankIsCopiedAndReplaced) {
  std::string bank = "first";
  gst_patch_core_meta_set_bank(meta_, bank.c_str());
  bank[0] = '-';
  EXPECT_STREQ(meta_->bank, "first");
  gst_patch_core_meta_set_bank(meta_, meta_->bank + 2);
  EXPECT_STREQ(meta_->bank, "rst");
  gst_patch_core_meta_set_bank(meta_, nullptr);
  EXPECT_EQ(meta_->bank, nullptr);
}

TEST_F(PatchCoreMeta, BanksThatAreNoTextChangeNothing) {
  fill(meta_);
  const Criticals criticals;
  gst_patch_core_meta_set_bank(meta_, "\xff");
  EXPECT_EQ(criticals.seen(), 1);
  expect_example_values(meta_);
}

TEST_F(PatchCoreMeta, MapIsCopiedAndReplaced) {
  std::vector<gfloat> map = {1, 2};
  gst_patch_core_meta_set_map(meta_, map.data(), 2, 1);
  map[0] = 9;
  EXPECT_EQ(meta_->map[0], 1);

  gst_patch_core_meta_set_map(meta_, example_map, 3, 2);
  EXPECT_EQ(meta_->map_width, 3U);
  EXPECT_EQ(meta_->map[5], 6);

  gst_patch_core_meta_set_map(meta_, nullptr, 0, 0);
  gsize n_values = 7;
  EXPECT_EQ(gst_patch_core_meta_get_map(meta_, &n_values), nullptr);
  EXPECT_EQ(n_values, 0U);
}

TEST_F(PatchCoreMeta, MapMayBeAPartOfTheOldOne) {
  gst_patch_core_meta_set_map(meta_, example_map, 3, 2);
  gst_patch_core_meta_set_map(meta_, meta_->map + 3, 3, 1);
  EXPECT_EQ(meta_->map[0], 4);
  EXPECT_EQ(meta_->map_height, 1U);
}

TEST_F(PatchCoreMeta, MapsOfContradictorySizeChangeNothing) {
  fill(meta_);
  const Criticals criticals;
  gst_patch_core_meta_set_map(meta_, nullptr, 3, 2);
  gst_patch_core_meta_set_map(meta_, example_map, 0, 2);
  gst_patch_core_meta_set_map(meta_, example_map, 3, 0);
  gst_patch_core_meta_set_map(meta_, example_map, G_MAXUINT, G_MAXUINT);
  EXPECT_EQ(criticals.seen(), 4);
  expect_example_values(meta_);
}

TEST_F(PatchCoreMeta, RegionsAreCopiedAndReplaced) {
  gst_patch_core_meta_set_regions(meta_, example_regions, 2);
  EXPECT_NE(meta_->regions, example_regions);
  expect_region(gst_patch_core_meta_get_region(meta_, 1), example_regions[1]);

  gst_patch_core_meta_set_regions(meta_, meta_->regions + 1, 1);
  EXPECT_EQ(meta_->n_regions, 1U);
  expect_region(gst_patch_core_meta_get_region(meta_, 0), example_regions[1]);

  gst_patch_core_meta_set_regions(meta_, nullptr, 0);
  EXPECT_EQ(meta_->n_regions, 0U);
  EXPECT_EQ(meta_->regions, nullptr);
}

TEST_F(PatchCoreMeta, ThereIsNoRegionBeyondTheLast) {
  fill(meta_);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta_, 2), nullptr);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta_, G_MAXUINT), nullptr);
}

TEST_F(PatchCoreMeta, ImpossibleRegionsChangeNothing) {
  fill(meta_);
  const GstPatchCoreRegion impossible[] = {{0, 0, -1, 1, 1, 1, 0, 0},
                                           {0, 0, 1, -1, 1, 1, 0, 0},
                                           {0, 0, 1, 1, -1, 1, 0, 0},
                                           {0, 0, 1, 1, NAN, 1, 0, 0}};
  for (const GstPatchCoreRegion& region : impossible) {
    const Criticals criticals;
    const GstPatchCoreRegion regions[] = {example_regions[0], region};
    gst_patch_core_meta_set_regions(meta_, regions, 2);
    EXPECT_EQ(criticals.seen(), 1);
    expect_example_values(meta_);
  }
  const Criticals criticals;
  gst_patch_core_meta_set_regions(meta_, nullptr, 2);
  EXPECT_EQ(criticals.seen(), 1);
  expect_example_values(meta_);
}

TEST_F(PatchCoreMeta, PartsAreCopiedAndReplaced) {
  EXPECT_EQ(gst_patch_core_meta_get_part(meta_, 0), nullptr);
  GstPatchCorePart parts[] = {example_parts[0], example_parts[1]};
  gst_patch_core_meta_set_parts(meta_, parts, 2);
  parts[0].x = 0;
  EXPECT_EQ(meta_->n_parts, 2U);
  EXPECT_EQ(gst_patch_core_meta_get_part(meta_, 0)->x, 16);
  EXPECT_EQ(gst_patch_core_meta_get_part(meta_, 2), nullptr);
  // Of the old ones, too.
  gst_patch_core_meta_set_parts(meta_, meta_->parts + 1, 1);
  EXPECT_EQ(gst_patch_core_meta_get_part(meta_, 0)->roi_id, 8);
  gst_patch_core_meta_set_parts(meta_, nullptr, 0);
  EXPECT_EQ(meta_->n_parts, 0U);
  EXPECT_EQ(meta_->parts, nullptr);
}

TEST_F(PatchCoreMeta, ImpossiblePartsChangeNothing) {
  fill(meta_);
  GstPatchCorePart part = example_parts[0];
  part.height = -1;
  const Criticals criticals;
  gst_patch_core_meta_set_parts(meta_, &part, 1);
  gst_patch_core_meta_set_parts(meta_, nullptr, 1);
  gst_patch_core_meta_set_parts(nullptr, &part, 1);
  EXPECT_EQ(gst_patch_core_meta_get_part(nullptr, 0), nullptr);
  EXPECT_EQ(criticals.seen(), 4);
  expect_example_values(meta_);
}

TEST(PatchCoreMetaTypes, EnumerationsHaveTheNicksThatUsersRead) {
  const struct {
    GType type;
    int value;
    const char* nick;
  } cases[] = {
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_NONE, "none"},
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_FRESH, "fresh"},
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_HELD, "held"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_NONE, "none"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_INTERVAL, "interval"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_GAP, "gap"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_LATE, "late"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_NOT_YET, "not-yet"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_NO_PART, "no-part"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_UNFIT, "unfit"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_UNKNOWN, "unknown"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_NORMAL, "normal"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_ANOMALOUS, "anomalous"},
  };
  for (const auto& one : cases) {
    auto* values = static_cast<GEnumClass*>(g_type_class_ref(one.type));
    const GEnumValue* value = g_enum_get_value(values, one.value);
    ASSERT_NE(value, nullptr) << one.nick;
    EXPECT_STREQ(value->value_nick, one.nick);
    g_type_class_unref(values);
  }
}

}  // namespace
