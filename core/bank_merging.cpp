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
#include "core/held_out_patches.h"
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

/// Other samplers than greedy ones don't see what is there already, and would drop whole shards.
CoresetOptions greedy(CoresetOptions coreset) {
  if (!is_greedy(coreset.sampler)) coreset.sampler = SamplerKind::approximate_greedy;
  return coreset;
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

/// Which rows of the merged bank came from other shards.
/// @param picks       of the united patches
/// @param begin, end  rows of the shard among them
std::vector<std::int64_t> picks_outside(const std::vector<std::int64_t>& picks, std::size_t begin,
                                        std::size_t end) {
  std::vector<std::int64_t> outside;
  for (const std::int64_t pick : picks) {
    const auto row = static_cast<std::size_t>(pick);
    if (row < begin || row >= end) outside.push_back(pick);
  }
  return outside;
}

/// The scores of the shards' held-out frames, with what was kept of these.
class FrameScores {
 public:
  /// @param shards  lose both; keep their patches
  explicit FrameScores(std::vector<BankFile>& shards) {
    std::size_t begin = 0;
    for (BankFile& shard : shards) {
      Part part;
      part.begin = begin;
      part.end = begin += shard.bank.rows;
      if (shard.calibration.of_frames) {
        part.scores = std::move(shard.calibration.scores);
        part.held_out = std::move(shard.held_out);
      }
      parts_.push_back(std::move(part));
    }
  }

  /// As the frames score once the patches of the other shards have joined.
  /// @param united  patches of all shards
  /// @param picks   of these, what the merged bank keeps
  /// @param merged  gets what was kept of the frames
  std::vector<float> follow(const PatchMatrix& united, const std::vector<std::int64_t>& picks,
                            BankFile& merged) {
    std::vector<float> all;
    merged.held_out = {};
    for (Part& part : parts_) {
      if (part.held_out.patches.rows > 0) {
        follow_joining_patches(part.held_out,
                               pick_rows(united, picks_outside(picks, part.begin, part.end)),
                               merged.scoring, part.scores);
      }
      append_held_out(merged.held_out, part.held_out, static_cast<std::int64_t>(all.size()));
      all.insert(all.end(), part.scores.begin(), part.scores.end());
    }
    keep_highest_frames(merged.held_out, all);
    return all;
  }

 private:
  /// Of one shard.
  struct Part {
    std::size_t begin = 0;  ///< its rows among the united patches
    std::size_t end = 0;
    std::vector<float> scores;
    HeldOutPatches held_out;
  };
  std::vector<Part> parts_;
};

Calibration calibrate_merged(const BankFile& merged, std::vector<float> scores) {
  if (scores.empty()) return guess_calibration(merged.bank, merged.scoring);
  return calibrate(std::move(scores), rounding_score(merged.bank, merged.scoring));
}

}  // namespace

BankFile merge_banks(std::vector<BankFile> shards, const std::vector<std::string>& paths,
                     const BankMergingOptions& options) {
  check_shards(shards, paths);
  FrameScores scores(shards);
  std::int64_t patches = 0;
  for (const BankFile& shard : shards) patches += collected_patches(shard, shards[0].coreset);
  const PatchMatrix all = unite(shards);
  BankFile merged = std::move(shards.front());
  merged.patches = patches;
  for (std::size_t i = 1; i < shards.size(); ++i) {
    const BankFile& shard = shards[i];
    merged.frames += shard.frames;
    merged.thinned = merged.thinned || shard.thinned;
  }
  merged.recall.reset();
  const std::int64_t target =
      target_size(merged, static_cast<std::int64_t>(all.rows), options.patches);
  const std::vector<std::int64_t> picks = select_coreset(all, target, greedy(merged.coreset));
  merged.bank = pick_rows(all, picks);
  merged.calibration = calibrate_merged(merged, scores.follow(all, picks, merged));

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
