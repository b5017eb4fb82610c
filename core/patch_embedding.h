// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From feature maps to locally aware patch features (Roth et al. 2022, section 3.1).
#pragma once

#include "core/options.h"
#include "core/types.h"

namespace patchcore {

struct PatchGrid {
  int height = 0;
  int width = 0;
};

/// Each position of each layer is described by its neighbourhood of patch_size x patch_size
/// (equations 1 and 2; zero padding), pooled to pretrain_embed_dimension values; coarser layers are
/// resized bilinearly to the first layer's grid; the layers of a position are joined and pooled to
/// target_embed_dimension values. With dimension_none the neighbourhood is averaged channel by
/// channel and the channels are kept. Immutable; any thread.
class PatchEmbedding {
 public:
  /// @throws Error invalid_argument
  explicit PatchEmbedding(const PatchEmbeddingOptions& options);

  /// The same values as embed_plain(), save for rounding, in the fused form: the chain of the
  /// definition is linear and collapses (patch_embedding_fused.h).
  /// @param patches  becomes [batch * grid.height * grid.width, dimension]
  /// @return the grid of the first layer
  /// @throws Error invalid_argument if a map is empty or batch sizes differ, no_space
  PatchGrid embed(const FeatureMaps& maps, PatchMatrix& patches) const;

  /// The definition, step by step as published: unfold, adaptive average pooling of each layer,
  /// bilinear resizing, adaptive average pooling of the joined layers.
  /// @throws as embed(), and Error internal if LibTorch fails
  PatchGrid embed_plain(const FeatureMaps& maps, PatchMatrix& patches) const;

  const PatchEmbeddingOptions& options() const { return options_; }

 private:
  PatchEmbeddingOptions options_;
};

}  // namespace patchcore
