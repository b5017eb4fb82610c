// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The checks of every stage's settings.
#include "core/options.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "core/number_text.h"

namespace patchcore {
namespace {

constexpr int max_tile_size = 16384;
constexpr double max_tile_overlap = 0.5;
constexpr int max_starting_points = 1'000'000;
constexpr int max_neighbours = 1'000'000;

/// @param what  the setting as a person would call it
void require_range(const char* what, std::int64_t value, std::int64_t lowest,
                   std::int64_t highest) {
  if (value >= lowest && value <= highest) return;
  throw Error(ErrorCode::invalid_argument, std::string(what) + " is " + std::to_string(value) +
                                               ", it must be from " + std::to_string(lowest) +
                                               " to " + std::to_string(highest));
}

void require_crop(Size crop, Size largest) {
  require_range("crop width", crop.width, smallest_input_side, largest.width);
  require_range("crop height", crop.height, smallest_input_side, largest.height);
}

void validate_tiles(const PreprocessOptions& options) {
  if (options.tile_size == 0) return;
  require_range("tile size", options.tile_size, smallest_input_side, max_tile_size);
  if (!(options.tile_overlap >= 0 && options.tile_overlap <= max_tile_overlap)) {
    throw Error(ErrorCode::invalid_argument, "the overlap of tiles is " +
                                                 number_text(options.tile_overlap) +
                                                 " of a tile, it must be from 0 to 0.5");
  }
  if (options.mode != ResizeMode::area && options.crop) {
    throw Error(ErrorCode::invalid_argument,
                "tiles cannot be cropped, as what is cut away of them would not be inspected: set "
                "the crop to none");
  }
}

}  // namespace

void PreprocessOptions::validate() const {
  switch (mode) {
    case ResizeMode::area:
      require_range("input size", area_side, smallest_input_side, max_input_side);
      break;
    case ResizeMode::exact:
      require_range("input width", exact.width, smallest_input_side, max_input_side);
      require_range("input height", exact.height, smallest_input_side, max_input_side);
      // A larger crop would show what is not in the frame.
      if (crop) require_crop(*crop, exact);
      break;
    case ResizeMode::shorter_side:
      require_range("length of the shorter side", shorter_side, smallest_input_side,
                    max_input_side);
      // One side may be longer, of frames that are wide or high enough for it.
      if (crop) {
        const bool is_wide = crop->width > crop->height;
        require_crop(*crop, {is_wide ? max_input_side : shorter_side,
                             is_wide ? shorter_side : max_input_side});
      }
      break;
  }
  validate_tiles(*this);
  for (const float value : mean) {
    if (!std::isfinite(value)) {
      throw Error(ErrorCode::invalid_argument, "mean of a colour is no finite number");
    }
  }
  for (const float value : deviation) {
    if (!std::isfinite(value) || value <= 0) {
      throw Error(ErrorCode::invalid_argument,
                  "deviation of a colour is " + number_text(value) + ", it must be greater than 0");
    }
  }
}

void PatchEmbeddingOptions::validate() const {
  require_range("patch size", patch_size, 1, max_patch_size);
  if (patch_size % 2 == 0) {
    throw Error(ErrorCode::invalid_argument,
                "patch size is " + std::to_string(patch_size) + ", it must be odd");
  }
  require_range("pretrain embedding dimension", pretrain_embed_dimension, dimension_none,
                max_dimension);
  require_range("target embedding dimension", target_embed_dimension, dimension_none,
                max_dimension);
}

void CoresetOptions::validate() const {
  if (!(ratio > 0 && ratio <= 1)) {
    throw Error(ErrorCode::invalid_argument,
                "coreset ratio is " + number_text(ratio) +
                    ", it must be greater than 0 and not greater than 1");
  }
  require_range("largest number of patches", max_patches, 0, INT64_MAX);
  require_range("projection dimension", projection_dimension, 0, max_dimension);
  require_range("number of starting points", starting_points, 1, max_starting_points);
}

void ScoringOptions::validate() const {
  require_range("number of neighbours", neighbours, 1, max_neighbours);
}

const char* sampler_name(SamplerKind kind) {
  switch (kind) {
    case SamplerKind::identity:
      return "identity";
    case SamplerKind::random:
      return "random";
    case SamplerKind::greedy:
      return "greedy";
    case SamplerKind::approximate_greedy:
      break;
  }
  return "approximate-greedy";
}

const char* score_mode_name(ScoreMode mode) {
  return mode == ScoreMode::paper ? "paper" : "published";
}

const char* image_score_name(ImageScore score) {
  return score == ImageScore::top ? "top" : "max";
}

const char* precision_name(Precision precision) {
  switch (precision) {
    case Precision::automatic:
      break;
    case Precision::fp32:
      return "fp32";
    case Precision::bf16:
      return "bf16";
    case Precision::fp16:
      return "fp16";
  }
  return "auto";
}

const char* index_name(IndexKind kind) {
  switch (kind) {
    case IndexKind::automatic:
      break;
    case IndexKind::screened:
      return "screened";
    case IndexKind::faiss_flat:
      return "faiss-flat";
    case IndexKind::faiss_ivfpq:
      return "faiss-ivfpq";
    case IndexKind::faiss_hnsw:
      return "faiss-hnsw";
  }
  return "auto";
}

bool is_approximate(IndexKind kind) {
  return kind == IndexKind::faiss_ivfpq || kind == IndexKind::faiss_hnsw;
}

}  // namespace patchcore
