// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings with a few values, by the names that the elements' properties have for them.
#include "tools/patchcore/setting_names.h"

#include <initializer_list>

namespace patchcore {

namespace {

template <typename Value>
SettingNames<Value> named(const char* (*name)(Value), std::initializer_list<Value> values) {
  SettingNames<Value> names;
  for (const Value value : values) names[name(value)] = value;
  return names;
}

}  // namespace

const SettingNames<Preset>& preset_names() {
  static const auto names =
      named(preset_name, {Preset::none, Preset::amazon, Preset::anomalib, Preset::paper});
  return names;
}

const SettingNames<SamplerKind>& sampler_names() {
  static const auto names =
      named(sampler_name, {SamplerKind::identity, SamplerKind::random, SamplerKind::greedy,
                           SamplerKind::approximate_greedy});
  return names;
}

const SettingNames<ScoreMode>& score_mode_names() {
  static const auto names = named(score_mode_name, {ScoreMode::published, ScoreMode::paper});
  return names;
}

const SettingNames<ImageScore>& image_score_names() {
  static const auto names = named(image_score_name, {ImageScore::max, ImageScore::top});
  return names;
}

const SettingNames<Precision>& precision_names() {
  static const auto names = named(
      precision_name, {Precision::automatic, Precision::fp32, Precision::bf16, Precision::fp16});
  return names;
}

const SettingNames<IndexKind>& index_names() {
  static const auto names =
      named(index_name, {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat,
                         IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw});
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
