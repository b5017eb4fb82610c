// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A bank that is valid and small, for tests of files.
#include "tests/support/small_bank.h"

namespace patchcore::test {

BankFile small_bank() {
  BankFile bank;
  bank.backbone = "resnet18";
  bank.precision = Precision::bf16;
  bank.layers = {"layer1", "layer2"};
  bank.preprocess.mode = ResizeMode::shorter_side;
  bank.preprocess.area_side = 320;
  bank.preprocess.exact = {64, 96};
  bank.preprocess.shorter_side = 128;
  bank.preprocess.crop = Size{112, 96};
  bank.preprocess.mean = {0.485F, 0.456F, 0.406F};
  bank.preprocess.deviation = {0.229F, 0.224F, 0.225F};
  bank.area.region = parse_inspection_region("0.25,0.0,0.5,0.1");
  bank.area.mask =
      std::make_shared<InspectionMask>(Size{3, 2}, std::vector<std::uint8_t>{0, 255, 0, 9, 200, 0});
  bank.embedding = {5, 8, 4};
  bank.coreset.sampler = SamplerKind::greedy;
  bank.coreset.ratio = 0.01;
  bank.coreset.max_patches = 1'000'000'000'000;
  bank.coreset.projection_dimension = 64;
  bank.coreset.starting_points = 3;
  bank.coreset.seed = UINT64_MAX;
  bank.scoring.mode = ScoreMode::paper;
  bank.scoring.neighbours = 3;
  bank.scoring.image_score = ImageScore::top;
  bank.calibration.threshold = 0.1 + 0.2;
  bank.calibration.usual_score = 0.25;
  bank.calibration.scores = {0.25F, 0.125F, 0.3F};
  bank.calibration.is_guess = false;
  bank.held_out.patches = {2, 4, {1, 2, 3, 4, 5, 6, 7, 8}};
  bank.held_out.distances = {0.5F, 0.25F};
  bank.held_out.frames = {2, 0};
  bank.index = IndexKind::faiss_hnsw;
  bank.recall = {0.875, 0.01, 0.1 + 0.2};
  bank.frames = 12;
  bank.patches = 500;
  bank.thinned = true;
  bank.created = "2026-01-02T03:04:05Z";
  bank.program_version = "0.1.0 \"tested\"";
  bank.bank.rows = 5;
  bank.bank.columns = 4;
  for (int i = 0; i < 20; ++i) bank.bank.values.push_back(static_cast<float>(i) / 7);
  bank.search.mean = {1, 1.25F, 1.5F, 1.75F};
  bank.search.directions = {2, 4, {0, 1, 0, 0, 0.6F, 0, 0, 0.8F}};
  const float weights[] = {1, 2, 3, 4, 5, 6};
  bank.backbone_weights["conv1.weight"] = StoredTensor::from_floats({2, 3}, weights);
  bank.weights_sha256 = tensor_table_sha256(bank.backbone_weights);
  bank.self_test.height = 2;
  bank.self_test.width = 3;
  for (std::uint8_t i = 0; i < 18; ++i) bank.self_test.rgb.push_back(i);
  bank.self_test.score = 1.0 / 3;
  return bank;
}

BankEnsemble small_ensemble() {
  BankEnsemble ensemble = BankEnsemble::of(small_bank());
  BankFile other = ensemble.members.front();
  other.backbone = "densenet121";
  other.layers = {"features.denseblock1"};
  other.precision = Precision::fp32;
  other.preprocess.mean = {0.5F, 0.5F, 0.5F};
  other.embedding = {3, 0, 3};
  other.calibration = {1.5, 1.25, {1, 1.25F, 1.375F}, false};
  other.held_out.patches = {1, 3, {1, 2, 3}};
  other.held_out.distances = {0.5F};
  other.held_out.frames = {1};
  other.bank = {6, 3, {}};
  for (int i = 0; i < 18; ++i) other.bank.values.push_back(static_cast<float>(i) / 5);
  other.search = {};
  const float weights[] = {7, 8, 9};
  other.backbone_weights.clear();
  other.backbone_weights["conv0.weight"] = StoredTensor::from_floats({3}, weights);
  other.weights_sha256 = tensor_table_sha256(other.backbone_weights);
  other.self_test.score = 0.75;
  ensemble.members.push_back(std::move(other));
  ensemble.calibration = {1.125, 0.875, {0.75F, 0.875F, 1}, false};
  return ensemble;
}

}  // namespace patchcore::test
