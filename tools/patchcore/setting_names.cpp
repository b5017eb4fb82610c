// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings with a few values, by the names that the elements' properties have for them.
#include "tools/patchcore/setting_names.h"

#include <cstddef>

namespace patchcore {

namespace {

template <typename Value, std::size_t count>
SettingNames<Value> named(const char* (*name)(Value), const Value (&values)[count]) {
  SettingNames<Value> names;
  for (const Value value : values) names[name(value)] = value;
  return names;
}

}  // namespace

const SettingNames<Preset>& preset_names() {
  static const auto names = named(preset_name, all_presets);
  return names;
}

const SettingNames<SamplerKind>& sampler_names() {
  static const auto names = named(sampler_name, all_samplers);
  return names;
}

const SettingNames<ScoreMode>& score_mode_names() {
  static const auto names = named(score_mode_name, all_score_modes);
  return names;
}

const SettingNames<ImageScore>& image_score_names() {
  static const auto names = named(image_score_name, all_image_scores);
  return names;
}

const SettingNames<Precision>& precision_names() {
  static const auto names = named(precision_name, all_precisions);
  return names;
}

const SettingNames<IndexKind>& index_names() {
  static const auto names = named(index_name, all_indices);
  return names;
}

const SettingNames<DatasetLayout>& layout_names() {
  static const SettingNames<DatasetLayout> names = {{"auto", DatasetLayout::automatic},
                                                    {"mvtec", DatasetLayout::train_test},
                                                    {"btad", DatasetLayout::train_test},
                                                    {"visa", DatasetLayout::visa},
                                                    {"good-bad", DatasetLayout::good_bad}};
  return names;
}

}  // namespace patchcore
