// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the whole chain, from normalized picture to score and map, against the published code's
// values.
#include <gtest/gtest.h>

#include <cmath>

#include "core/backbone/backbone.h"
#include "core/nearest_neighbours.h"
#include "core/patch_embedding.h"
#include "core/scoring.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

constexpr double tolerance = 1e-4;
constexpr int side = 224;
constexpr int bank_pictures = 6;
constexpr int pictures = 8;

class ReferenceChain : public ::testing::TestWithParam<int> {};

std::string picture_name(const char* kind, int picture) {
  return std::string(kind) + "_0" + std::to_string(picture);
}

PatchMatrix embed(const Backbone& backbone, const PatchEmbedding& embedding,
                  const TensorTable& inputs, int picture, PatchGrid& grid) {
  InputTensor input;
  input.batch = 1;
  input.height = side;
  input.width = side;
  input.values = require_tensor(inputs, picture_name("tensor", picture), "inputs").to_floats();
  PatchMatrix patches;
  grid = embedding.embed(backbone.extract(input), patches);
  return patches;
}

}  // namespace

TEST_P(ReferenceChain, GivesThePublishedScoresAndMaps) {
  PATCHCORE_SHARED_FILE_OR_SKIP(inputs_path, "golden/preprocess.safetensors");
  PATCHCORE_SHARED_FILE_OR_SKIP(
      chain_path, "golden/chain_wide_resnet50_2_k" + std::to_string(GetParam()) + ".safetensors");
  use_threads(0);
  const TensorTable inputs = read_safetensors(inputs_path).tensors;
  const TensorTable expected = read_safetensors(chain_path).tensors;
  const std::vector<std::string> layers = {"layer2", "layer3"};
  const auto backbone = make_backbone("wide_resnet50_2", layers,
                                      test::formula_weights("wide_resnet50_2", layers), "formula");
  const PatchEmbedding embedding(describe_backbone("wide_resnet50_2").embedding);

  PatchGrid grid;
  PatchMatrix all;
  for (int picture = 0; picture < bank_pictures; ++picture) {
    const PatchMatrix patches = embed(*backbone, embedding, inputs, picture, grid);
    all.columns = patches.columns;
    all.rows += patches.rows;
    all.values.insert(all.values.end(), patches.values.begin(), patches.values.end());
  }
  PatchMatrix bank;
  bank.columns = all.columns;
  for (std::size_t row = 0; row < all.rows; row += 9) {  // `bank_rows` of the reference
    bank.values.insert(bank.values.end(), all.row(row), all.row(row) + all.columns);
    ++bank.rows;
  }
  ASSERT_EQ(static_cast<std::int64_t>(bank.rows),
            require_tensor(expected, "bank_rows", chain_path).element_count());

  const auto index = make_nearest_neighbours_faiss(bank);
  ScoringOptions options;
  options.neighbours = GetParam();
  const Scoring scoring(options, bank, *index);
  Neighbours neighbours;
  for (int picture = bank_pictures; picture < pictures; ++picture) {
    const PatchMatrix patches = embed(*backbone, embedding, inputs, picture, grid);
    const FrameScore result = scoring.score(patches, grid, neighbours);
    const float score =
        require_tensor(expected, picture_name("score", picture), chain_path).to_floats().at(0);
    EXPECT_NEAR(result.score, score, tolerance);
    const ScoreMap map = full_anomaly_map(result.map, {side, side});
    const std::vector<float> values =
        require_tensor(expected, picture_name("map", picture), chain_path).to_floats();
    ASSERT_EQ(map.values.size(), values.size());
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      largest = std::max<double>(largest, std::abs(map.values[i] - values[i]));
    }
    EXPECT_LE(largest, tolerance) << "map of picture " << picture;
  }
}

INSTANTIATE_TEST_SUITE_P(Neighbours, ReferenceChain, ::testing::Values(1, 3));

}  // namespace patchcore
