// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One memory bank of several that were trained apart, on shards of one set of frames.
#include "core/bank_merging.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "core/backbone/backbone_source.h"
#include "core/bank_building.h"
#include "core/bank_completion.h"
#include "core/calibration.h"
#include "core/coreset.h"
#include "core/error.h"
#include "core/frame_embedding.h"
#include "core/inspection_mask.h"
#include "core/patch_matrix.h"

namespace patchcore {
namespace {

/// Names the first setting that must be the same and is not; null: none.
const char* difference(const BankFile& a, const BankFile& b) {
  if (a.backbone != b.backbone) return "backbone";
  if (a.layers != b.layers) return "layers";
  if (a.weights_sha256 != b.weights_sha256) return "weights";
  if (a.precision != b.precision) return "precision";
  const PreprocessOptions& p = a.preprocess;
  const PreprocessOptions& q = b.preprocess;
  if (p.mode != q.mode || p.area_side != q.area_side || p.exact != q.exact ||
      p.shorter_side != q.shorter_side || p.crop != q.crop) {
    return "input size";
  }
  if (p.tile_size != q.tile_size || (p.tile_size > 0 && p.tile_overlap != q.tile_overlap)) {
    return "tile size or overlap";
  }
  if (p.mean != q.mean || p.deviation != q.deviation) return "mean or deviation";
  if (!(a.area.region == b.area.region)) return "region";
  if (!same_mask(a.area.mask, b.area.mask)) return "mask";
  if (a.embedding.patch_size != b.embedding.patch_size) return "patch size";
  if (a.embedding.pretrain_embed_dimension != b.embedding.pretrain_embed_dimension ||
      a.embedding.target_embed_dimension != b.embedding.target_embed_dimension ||
      a.bank.columns != b.bank.columns) {
    return "embedding dimensions";
  }
  if (a.scoring.mode != b.scoring.mode || a.scoring.neighbours != b.scoring.neighbours ||
      a.scoring.image_score != b.scoring.image_score) {
    return "score";
  }
  if (a.index != b.index) return "index";
  return nullptr;
}

void check_shards(const std::vector<BankFile>& shards, const std::vector<std::string>& paths) {
  if (shards.size() < 2) {
    throw Error(ErrorCode::invalid_argument, "merging takes at least two memory banks");
  }
  for (std::size_t i = 1; i < shards.size(); ++i) {
    if (const char* name = difference(shards[0], shards[i])) {
      throw Error(ErrorCode::invalid_argument, "\"" + paths[0] + "\" and \"" + paths[i] +
                                                   "\" cannot be merged: their " + name +
                                                   " differs; train both with the same settings");
    }
  }
}

/// The patches of all, those of the first shard first.
PatchMatrix unite(std::vector<BankFile>& shards) {
  PatchMatrix all = std::move(shards.front().bank);
  for (std::size_t i = 1; i < shards.size(); ++i) {
    append_rows(all, shards[i].bank);
    shards[i].bank = {};
  }
  return all;
}

std::int64_t target_size(const BankFile& merged, std::int64_t available,
                         const std::optional<std::int64_t>& asked) {
  if (!asked) {
    return std::min(available, coreset_size(merged.coreset, merged.patches));
  }
  if (*asked < merged.scoring.neighbours || *asked > available) {
    throw Error(ErrorCode::invalid_argument,
                std::to_string(*asked) + " patches cannot be kept: the shards have " +
                    std::to_string(available) + ", and a score takes " +
                    std::to_string(merged.scoring.neighbours));
  }
  return *asked;
}

void add_frame_scores(const BankFile& shard, std::vector<float>& scores) {
  if (!has_frame_scores(shard)) return;
  scores.insert(scores.end(), shard.calibration.scores.begin(), shard.calibration.scores.end());
}

Calibration calibrate_merged(const BankFile& merged, std::vector<float> scores) {
  if (scores.empty()) return guess_calibration(merged.bank, merged.scoring);
  return calibrate(std::move(scores), rounding_score(merged.bank, merged.scoring));
}

}  // namespace

BankFile merge_banks(std::vector<BankFile> shards, const std::vector<std::string>& paths,
                     const BankMergingOptions& options) {
  check_shards(shards, paths);
  const PatchMatrix all = unite(shards);
  BankFile merged = std::move(shards.front());
  std::vector<float> scores;
  add_frame_scores(merged, scores);
  for (std::size_t i = 1; i < shards.size(); ++i) {
    const BankFile& shard = shards[i];
    merged.frames += shard.frames;
    merged.patches += shard.patches;
    merged.thinned = merged.thinned || shard.thinned;
    add_frame_scores(shard, scores);
  }
  merged.recall.reset();
  const std::int64_t target =
      target_size(merged, static_cast<std::int64_t>(all.rows), options.patches);
  merged.bank = pick_rows(all, select_coreset(all, target, merged.coreset));
  merged.calibration = calibrate_merged(merged, std::move(scores));

  const bool stored = !merged.backbone_weights.empty();
  const std::unique_ptr<BackboneSource> backbone = find_bank_backbone(
      {merged.backbone, merged.layers, std::move(merged.backbone_weights), merged.weights_sha256},
      paths.front(), options.weights, options.allow_torchscript);
  {
    const FrameEmbedding embedding(merged.preprocess,
                                   backbone->make(merged.precision, {}, merged.preprocess),
                                   merged.embedding);
    complete_bank(merged, embedding);
  }
  if (stored) merged.backbone_weights = backbone->take_weights();
  return merged;
}

}  // namespace patchcore
