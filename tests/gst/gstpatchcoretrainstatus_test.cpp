// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that every part of the status is read by its own property.
#include "gst/gstpatchcoretrainstatus.h"

#include <gtest/gtest.h>

#include "gst/gstpatchcoretrainsettings.h"

namespace {

GstPatchCoreTrainStatus status() {
  GstPatchCoreTrainStatus status;
  status.phase = GST_PATCH_CORE_TRAIN_PHASE_PAUSED;
  status.so_far = {1, 2, 3, 0.5};
  status.bank_patches = 4;
  return status;
}

guint64 number(guint id) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_TYPE_UINT64);
  EXPECT_TRUE(gst_patch_core_train_get_status(status(), id, &value));
  return g_value_get_uint64(&value);
}

}  // namespace

TEST(PatchCoreTrainStatus, EachPartHasItsProperty) {
  EXPECT_EQ(number(PROP_FRAMES), 1U);
  EXPECT_EQ(number(PROP_PATCHES), 2U);
  EXPECT_EQ(number(PROP_SKIPPED), 3U);
  EXPECT_EQ(number(PROP_BANK_PATCHES), 4U);
  GValue coverage = G_VALUE_INIT;
  g_value_init(&coverage, G_TYPE_DOUBLE);
  EXPECT_TRUE(gst_patch_core_train_get_status(status(), PROP_COVERAGE, &coverage));
  EXPECT_EQ(g_value_get_double(&coverage), 0.5);
  GValue phase = G_VALUE_INIT;
  g_value_init(&phase, GST_TYPE_PATCH_CORE_TRAIN_PHASE);
  EXPECT_TRUE(gst_patch_core_train_get_status(status(), PROP_PHASE, &phase));
  EXPECT_EQ(g_value_get_enum(&phase), GST_PATCH_CORE_TRAIN_PHASE_PAUSED);
}

TEST(PatchCoreTrainStatus, KnowsWhatIsNoPartOfIt) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_TYPE_UINT64);
  EXPECT_FALSE(gst_patch_core_train_get_status(status(), PROP_SEED, &value));
  EXPECT_EQ(g_value_get_uint64(&value), 0U);
}
