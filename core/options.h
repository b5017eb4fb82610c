// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of every stage, with their defaults. Each is checked once, by validate().
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// The largest stride of the supported backbones, pixels: anything smaller has no position on its
/// grid.
constexpr int smallest_input_side = 32;
/// Beyond, a typing error is more likely than a wish.
constexpr int max_input_side = 4096;

/// How a frame becomes the backbone's input.
enum class ResizeMode {
  area,          ///< about `area_side` squared pixels, aspect kept, both sides multiples of 32
  exact,         ///< exactly `exact`, aspect not kept
  shorter_side,  ///< shorter side to `shorter_side`, aspect kept
};

struct PreprocessOptions {
  ResizeMode mode = ResizeMode::area;
  int area_side = 256;
  Size exact = {256, 256};
  int shorter_side = 256;
  /// After `exact` and `shorter_side`, the centre that is kept; without a value: all is. The
  /// published way is a shorter side of 256 and a crop of 224 x 224.
  std::optional<Size> crop;
  /// Larger frames (or inspected parts) are cut into tiles of so many pixels a side, of which each
  /// is resized as if it were a frame; 0: they are not. Not together with a crop, which would leave
  /// gaps.
  int tile_size = 0;
  double tile_overlap = 0.125;  ///< of neighbouring tiles at least, share of a tile, 0 to 0.5
  std::array<float, 3> mean = {127.0F / 255, 127.0F / 255, 127.0F / 255};       ///< of 0..1, RGB
  std::array<float, 3> deviation = {128.0F / 255, 128.0F / 255, 128.0F / 255};  ///< of 0..1, RGB

  /// @throws Error invalid_argument
  void validate() const;
};

/// What `none` means for the two embedding dimensions: channels stay as they are.
constexpr int dimension_none = 0;
constexpr int max_patch_size = 31;
constexpr int max_dimension = 65536;

struct PatchEmbeddingOptions {
  int patch_size = 3;                             ///< odd, neighbourhood of patch_size squared
  int pretrain_embed_dimension = dimension_none;  ///< channels of each layer after pooling
  int target_embed_dimension = dimension_none;    ///< of the joined layers after pooling

  /// @throws Error invalid_argument
  void validate() const;
};

enum class SamplerKind { identity, random, greedy, approximate_greedy };

struct CoresetOptions {
  SamplerKind sampler = SamplerKind::approximate_greedy;
  double ratio = 0.1;                ///< of the patches, 0 < ratio <= 1
  std::int64_t max_patches = 16384;  ///< upper limit whatever the ratio says; 0: none
  int projection_dimension = 128;    ///< random projection before picking; 0: none
  int starting_points = 10;          ///< approximate greedy only
  std::uint64_t seed = 0;

  /// @throws Error invalid_argument
  void validate() const;
};

enum class ScoreMode {
  published,  ///< mean squared L2 distance to the k nearest, as the published code
  paper,      ///< L2 distance to the nearest, image score re-weighted by equation 7
};

/// How the scores of its patches become the score of a frame.
enum class ImageScore {
  max,  ///< the largest, as published
  top,  ///< the mean of the highest hundredth: one patch alone counts for less
};

struct ScoringOptions {
  ScoreMode mode = ScoreMode::published;
  int neighbours = 1;  ///< k of the score; in paper mode the neighbourhood size b of equation 7
  ImageScore image_score = ImageScore::max;

  /// @throws Error invalid_argument
  void validate() const;
};

/// The numbers that the backbone computes with. Features and all that follows are float32.
enum class Precision {
  automatic,  ///< fp16 on a GPU, bf16 where the processor has instructions for it, otherwise fp32
  fp32,
  bf16,  ///< half the size, 8 significant bits; slower than fp32 without such instructions
  fp16,  ///< for GPUs
};

/// How the nearest patches of the bank are found.
enum class IndexKind {
  automatic,    ///< exact: on a GPU where that is the device; screened, or plain for banks where
                ///< screening does not pay; for detection, what the bank asks for
  screened,     ///< exact: lower bounds first, see make_nearest_neighbours_screened()
  faiss_flat,   ///< exact: plain, by FAISS
  faiss_ivfpq,  ///< approximate: inverted lists of product-quantized patches, by FAISS
  faiss_hnsw,   ///< approximate: a graph of near patches, by FAISS
};

/// All there are, in the order in which people are told of them.
constexpr SamplerKind all_samplers[] = {SamplerKind::identity, SamplerKind::random,
                                        SamplerKind::greedy, SamplerKind::approximate_greedy};
constexpr ScoreMode all_score_modes[] = {ScoreMode::published, ScoreMode::paper};
constexpr ImageScore all_image_scores[] = {ImageScore::max, ImageScore::top};
constexpr Precision all_precisions[] = {Precision::automatic, Precision::fp32, Precision::bf16,
                                        Precision::fp16};
constexpr IndexKind all_indices[] = {IndexKind::automatic, IndexKind::screened,
                                     IndexKind::faiss_flat, IndexKind::faiss_ivfpq,
                                     IndexKind::faiss_hnsw};

/// As users write them, e.g. "approximate-greedy", "auto", "faiss-ivfpq". Files have names of their
/// own, which stay as they are.
const char* sampler_name(SamplerKind kind);
const char* score_mode_name(ScoreMode mode);
const char* image_score_name(ImageScore score);
const char* precision_name(Precision precision);
const char* index_name(IndexKind kind);

/// Whether it may miss what is nearest.
bool is_approximate(IndexKind kind);

/// Which network, how far, and where its weights are.
struct BackboneOptions {
  std::string name = "efficientnet_lite0";  ///< one of backbone_names(), or a TorchScript file
  std::vector<std::string> layers;          ///< empty: the backbone's own default
  std::string weights;             ///< file; empty: searched for, see weights/weights_search.h
  bool allow_torchscript = false;  ///< the file is a program: whoever sets this trusts it
};

}  // namespace patchcore
