// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From feature maps to locally aware patch features (Roth et al. 2022, section 3.1).
#include "core/patch_embedding.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/adaptive_avg_pool1d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/patch_embedding_fused.h"

namespace patchcore {
namespace {

std::string describe(const FeatureMap& map) {
  return "the feature map of layer \"" + map.layer + "\" (" + std::to_string(map.batch) + " x " +
         std::to_string(map.height) + " x " + std::to_string(map.width) + " x " +
         std::to_string(map.channels) + ")";
}

/// @throws Error invalid_argument
void require_usable(const FeatureMaps& maps) {
  if (maps.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "there are no feature maps to embed; ask the backbone for at least one layer");
  }
  for (const FeatureMap& map : maps) {
    if (map.batch <= 0 || map.height <= 0 || map.width <= 0 || map.channels <= 0 || !map.values) {
      throw Error(ErrorCode::invalid_argument, describe(map) + " is empty");
    }
    if (map.batch != maps.front().batch) {
      throw Error(ErrorCode::invalid_argument, describe(map) + " has another batch size than " +
                                                   describe(maps.front()) +
                                                   "; all layers must come from the same pictures");
    }
  }
}

[[noreturn]] void throw_out_of_memory(const FeatureMaps& maps) {
  throw Error(ErrorCode::no_space, "not enough memory for the patch features of " +
                                       describe(maps.front()) +
                                       "; use smaller pictures or embedding dimensions");
}

/// The neighbourhood of every position, [batch, channels * patch_size * patch_size, height, width].
at::Tensor unfold(const FeatureMap& map, int patch_size) {
  // LibTorch has no tensor of const memory; nothing writes to this one.
  const at::Tensor view =
      at::from_blob(const_cast<float*>(map.values.get()),
                    {map.batch, map.height, map.width, map.channels}, at::kFloat);
  const int padding = (patch_size - 1) / 2;
  return at::im2col(view.permute({0, 3, 1, 2}).contiguous(), {patch_size, patch_size}, {1, 1},
                    {padding, padding}, {1, 1})
      .view({map.batch, -1, map.height, map.width});
}

/// Adaptive average pooling of each row to @p dimension values.
at::Tensor pool(const at::Tensor& rows, std::int64_t dimension) {
  return at::adaptive_avg_pool1d(rows.unsqueeze(1), {dimension}).squeeze(1);
}

at::Tensor join_layers(const FeatureMaps& maps, const PatchEmbeddingOptions& options) {
  const FeatureMap& first = maps.front();
  std::vector<at::Tensor> layers;
  for (const FeatureMap& map : maps) {
    at::Tensor unfolded = unfold(map, options.patch_size);
    if (map.height != first.height || map.width != first.width) {
      unfolded = at::upsample_bilinear2d(unfolded, {first.height, first.width}, false);
    }
    const at::Tensor rows = unfolded.permute({0, 2, 3, 1}).reshape({-1, unfolded.size(1)});
    // A neighbourhood's values lie together channel by channel: with as many windows as channels
    // each window is one channel.
    const int dimension = options.pretrain_embed_dimension;
    layers.push_back(pool(rows, dimension == dimension_none ? map.channels : dimension));
  }
  return at::cat(layers, 1);
}

/// Makes @p patches as large as the embedding of @p maps, whatever its values.
void resize(const FeatureMaps& maps, const PatchEmbeddingOptions& options, PatchMatrix& patches) {
  std::size_t joined = 0;
  for (const FeatureMap& map : maps) {
    joined += options.pretrain_embed_dimension == dimension_none ? map.channels
                                                                 : options.pretrain_embed_dimension;
  }
  const FeatureMap& first = maps.front();
  patches.rows = static_cast<std::size_t>(first.batch) * first.height * first.width;
  patches.columns =
      options.target_embed_dimension == dimension_none ? joined : options.target_embed_dimension;
  if (patches.rows > std::numeric_limits<std::size_t>::max() / patches.columns) {
    throw_out_of_memory(maps);
  }
  patches.values.resize(patches.rows * patches.columns);
}

}  // namespace

PatchEmbedding::PatchEmbedding(const PatchEmbeddingOptions& options) : options_(options) {
  options_.validate();
}

PatchGrid PatchEmbedding::embed(const FeatureMaps& maps, PatchMatrix& patches) const {
  require_usable(maps);
  try {
    resize(maps, options_, patches);
    embed_fused(maps, options_, patches);
  } catch (const std::bad_alloc&) {
    throw_out_of_memory(maps);
  } catch (const std::length_error&) {
    throw_out_of_memory(maps);
  }
  return {maps.front().height, maps.front().width};
}

PatchGrid PatchEmbedding::embed_plain(const FeatureMaps& maps, PatchMatrix& patches) const {
  require_usable(maps);
  try {
    const c10::InferenceMode inference;
    at::Tensor features = join_layers(maps, options_);
    if (options_.target_embed_dimension != dimension_none) {
      features = pool(features, options_.target_embed_dimension);
    }
    features = features.contiguous();
    patches.rows = features.size(0);
    patches.columns = features.size(1);
    const float* values = features.data_ptr<float>();
    patches.values.assign(values, values + features.numel());
  } catch (const std::bad_alloc&) {
    throw_out_of_memory(maps);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::internal, "LibTorch cannot embed " + describe(maps.front()) + ": " +
                                         error.what_without_backtrace());
  }
  return {maps.front().height, maps.front().width};
}

}  // namespace patchcore
