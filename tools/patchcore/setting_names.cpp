// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings with a few values, by the names that the elements' properties have for them.
#include "tools/patchcore/setting_names.h"

namespace patchcore {

const SettingNames<SamplerKind>& sampler_names() {
  static const SettingNames<SamplerKind> names = {
      {"identity", SamplerKind::identity},
      {"random", SamplerKind::random},
      {"greedy", SamplerKind::greedy},
      {"approximate-greedy", SamplerKind::approximate_greedy}};
  return names;
}

const SettingNames<ScoreMode>& score_mode_names() {
  static const SettingNames<ScoreMode> names = {{"published", ScoreMode::published},
                                                {"paper", ScoreMode::paper}};
  return names;
}

const SettingNames<ImageScore>& image_score_names() {
  static const SettingNames<ImageScore> names = {{"max", ImageScore::max},
                                                 {"top", ImageScore::top}};
  return names;
}

const SettingNames<Precision>& precision_names() {
  static const SettingNames<Precision> names = {{"auto", Precision::automatic},
                                                {"fp32", Precision::fp32},
                                                {"bf16", Precision::bf16},
                                                {"fp16", Precision::fp16}};
  return names;
}

const SettingNames<IndexKind>& index_names() {
  static const SettingNames<IndexKind> names = [] {
    SettingNames<IndexKind> all;
    for (const IndexKind kind : {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat,
                                 IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
      all[index_name(kind)] = kind;
    }
    return all;
  }();
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
