// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the limits of all settings: what would fail later is refused at once, by name.
#include "core/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/expect_error.h"

namespace patchcore {

TEST(Options, DefaultsAreValid) {
  EXPECT_NO_THROW(PreprocessOptions().validate());
  EXPECT_NO_THROW(PatchEmbeddingOptions().validate());
  EXPECT_NO_THROW(CoresetOptions().validate());
  EXPECT_NO_THROW(ScoringOptions().validate());
}

TEST(PreprocessOptions, ChecksTheSizesOfItsMode) {
  PreprocessOptions options;
  options.area_side = 31;
  EXPECT_ERROR(options.validate(), invalid_argument, "input size is 31");
  options.mode = ResizeMode::exact;
  EXPECT_NO_THROW(options.validate());
  options.exact = {4097, 256};
  EXPECT_ERROR(options.validate(), invalid_argument, "input width is 4097");
  options.exact = {256, 0};
  EXPECT_ERROR(options.validate(), invalid_argument, "input height is 0");
  options.mode = ResizeMode::shorter_side;
  EXPECT_NO_THROW(options.validate());
  options.shorter_side = -1;
  EXPECT_ERROR(options.validate(), invalid_argument, "shorter side is -1");
}

TEST(PreprocessOptions, TakesACropThatFitsTheExactSize) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {320, 192};
  for (const Size crop : {Size{320, 192}, Size{32, 32}, Size{300, 64}}) {
    options.crop = crop;
    EXPECT_NO_THROW(options.validate());
  }
  options.crop = Size{321, 192};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop width is 321");
  options.crop = Size{192, 193};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop height is 193");
  options.crop = Size{31, 64};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop width is 31");
}

TEST(PreprocessOptions, TakesACropOfWhichOneSideFitsTheShorterSide) {
  PreprocessOptions options;
  options.mode = ResizeMode::shorter_side;
  for (const Size crop : {Size{256, 256}, Size{448, 256}, Size{32, 4096}}) {
    options.crop = crop;
    EXPECT_NO_THROW(options.validate());
  }
  options.crop = Size{257, 257};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop width is 257");
  options.crop = Size{448, 257};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop height is 257");
  options.crop = Size{4097, 256};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop width is 4097");
  options.crop = Size{16, 32};
  EXPECT_ERROR(options.validate(), invalid_argument, "crop width is 16");
}

TEST(PreprocessOptions, IgnoresACropOfAnArea) {
  PreprocessOptions options;
  options.crop = Size{1, 1};
  EXPECT_NO_THROW(options.validate());
}

TEST(PreprocessOptions, ChecksTheTiles) {
  PreprocessOptions options;
  for (const int size : {-1, 1, 31, 16385}) {
    options.tile_size = size;
    EXPECT_ERROR(options.validate(), invalid_argument, "tile size is " + std::to_string(size));
  }
  options.tile_size = 32;
  EXPECT_NO_THROW(options.validate());
  for (const double overlap : {-0.01, 0.51, std::nan(""), HUGE_VAL}) {
    options.tile_overlap = overlap;
    EXPECT_ERROR(options.validate(), invalid_argument, "from 0 to 0.5");
  }
  options.tile_overlap = 0.5;
  EXPECT_NO_THROW(options.validate());
  options.mode = ResizeMode::shorter_side;
  EXPECT_NO_THROW(options.validate());
  options.crop = Size{224, 224};
  EXPECT_ERROR(options.validate(), invalid_argument, "set the crop to none");
  options.tile_size = 0;
  options.tile_overlap = 7;
  EXPECT_NO_THROW(options.validate());
}

TEST(PreprocessOptions, RefusesNormalizationsThatGiveNoNumbers) {
  PreprocessOptions options;
  options.deviation[1] = 0;
  EXPECT_ERROR(options.validate(), invalid_argument, "greater than 0");
  options.deviation[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(options.validate(), invalid_argument, "deviation");
  options = PreprocessOptions();
  options.mean[2] = std::numeric_limits<float>::infinity();
  EXPECT_ERROR(options.validate(), invalid_argument, "mean");
}

TEST(PatchEmbeddingOptions, RefusesEvenAndImpossibleSizes) {
  PatchEmbeddingOptions options;
  for (const int size : {-3, 0, 33}) {
    options.patch_size = size;
    EXPECT_ERROR(options.validate(), invalid_argument, "patch size is");
  }
  options.patch_size = 4;
  EXPECT_ERROR(options.validate(), invalid_argument, "must be odd");
  options.patch_size = 1;
  EXPECT_NO_THROW(options.validate());
  options.pretrain_embed_dimension = -1;
  EXPECT_ERROR(options.validate(), invalid_argument, "pretrain embedding dimension is -1");
  options.pretrain_embed_dimension = 1024;
  options.target_embed_dimension = 65537;
  EXPECT_ERROR(options.validate(), invalid_argument, "target embedding dimension is 65537");
}

TEST(CoresetOptions, RefusesSharesOutsideOfZeroToOne) {
  CoresetOptions options;
  for (const double ratio : {0.0, -0.1, 1.0001, std::nan("")}) {
    options.ratio = ratio;
    EXPECT_ERROR(options.validate(), invalid_argument, "coreset ratio");
  }
  options.ratio = 1;
  EXPECT_NO_THROW(options.validate());
}

TEST(CoresetOptions, RefusesNegativeCounts) {
  CoresetOptions options;
  options.max_patches = -1;
  EXPECT_ERROR(options.validate(), invalid_argument, "number of patches is -1");
  options = CoresetOptions();
  options.projection_dimension = -1;
  EXPECT_ERROR(options.validate(), invalid_argument, "projection dimension is -1");
  options = CoresetOptions();
  options.starting_points = 0;
  EXPECT_ERROR(options.validate(), invalid_argument, "starting points is 0");
}

TEST(SamplerKind, HasTheNameThatUsersWrite) {
  EXPECT_STREQ(sampler_name(SamplerKind::identity), "identity");
  EXPECT_STREQ(sampler_name(SamplerKind::random), "random");
  EXPECT_STREQ(sampler_name(SamplerKind::greedy), "greedy");
  EXPECT_STREQ(sampler_name(SamplerKind::approximate_greedy), "approximate-greedy");
}

TEST(ScoreMode, HasTheNameThatUsersWrite) {
  EXPECT_STREQ(score_mode_name(ScoreMode::published), "published");
  EXPECT_STREQ(score_mode_name(ScoreMode::paper), "paper");
}

TEST(ImageScore, HasTheNameThatUsersWrite) {
  EXPECT_STREQ(image_score_name(ImageScore::max), "max");
  EXPECT_STREQ(image_score_name(ImageScore::top), "top");
}

TEST(Precision, HasTheNameThatUsersWrite) {
  EXPECT_STREQ(precision_name(Precision::automatic), "auto");
  EXPECT_STREQ(precision_name(Precision::fp32), "fp32");
  EXPECT_STREQ(precision_name(Precision::bf16), "bf16");
  EXPECT_STREQ(precision_name(Precision::fp16), "fp16");
}

TEST(IndexKind, HasTheNameThatUsersWrite) {
  EXPECT_STREQ(index_name(IndexKind::automatic), "auto");
  EXPECT_STREQ(index_name(IndexKind::screened), "screened");
  EXPECT_STREQ(index_name(IndexKind::faiss_flat), "faiss-flat");
  EXPECT_STREQ(index_name(IndexKind::faiss_ivfpq), "faiss-ivfpq");
  EXPECT_STREQ(index_name(IndexKind::faiss_hnsw), "faiss-hnsw");
}

TEST(IndexKind, IsExactOrNot) {
  for (const IndexKind kind : {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat}) {
    EXPECT_FALSE(is_approximate(kind)) << index_name(kind);
  }
  EXPECT_TRUE(is_approximate(IndexKind::faiss_ivfpq));
  EXPECT_TRUE(is_approximate(IndexKind::faiss_hnsw));
}

TEST(ScoringOptions, NeedsANeighbour) {
  ScoringOptions options;
  options.neighbours = 0;
  EXPECT_ERROR(options.validate(), invalid_argument, "number of neighbours is 0");
}

}  // namespace patchcore
