// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects memory banks that exist: what programs of the past wrote is read as it was meant.
#include "core/bank_file.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/expect_same.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

std::string old_bank(const std::string& version) {
  return PATCHCORE_OLD_BANKS "/bank-" + version + ".safetensors";
}

// What was written, number by number: a change of test::small_bank() or of a default must not
// change what is expected of these files.

BankFile written_1_0() {
  BankFile bank;
  bank.backbone = "resnet18";
  bank.layers = {"layer1", "layer2"};
  bank.weights_sha256 = "75c61341822593efcd35b7ac97384baeebce12682bec47d3cc6d9147e00e9619";
  bank.precision = Precision::fp32;
  bank.area.region = {InspectionRegion::Unit::fractions, 0, 0, 1, 1};
  bank.area.mask = nullptr;
  bank.preprocess.mode = ResizeMode::shorter_side;
  bank.preprocess.area_side = 320;
  bank.preprocess.exact = {64, 96};
  bank.preprocess.shorter_side = 128;
  bank.preprocess.crop = Size{112, 96};
  bank.preprocess.tile_size = 0;
  bank.preprocess.mean = {0.485F, 0.456F, 0.406F};
  bank.preprocess.deviation = {0.229F, 0.224F, 0.225F};
  bank.embedding = {5, 8, 4};
  bank.coreset.sampler = SamplerKind::greedy;
  bank.coreset.ratio = 0.01;
  bank.coreset.max_patches = 1'000'000'000'000;
  bank.coreset.projection_dimension = 64;
  bank.coreset.starting_points = 3;
  bank.coreset.seed = UINT64_MAX;
  bank.scoring = {ScoreMode::paper, 3, ImageScore::max};
  bank.calibration.threshold = 0.1 + 0.2;
  bank.calibration.usual_score = 0.25;
  bank.calibration.scores = {0.25F, 0.125F, 0.3F};
  bank.calibration.is_guess = false;
  bank.calibration.of_frames = true;
  bank.held_out = {};
  bank.index = IndexKind::automatic;
  bank.recall.reset();
  bank.frames = 12;
  bank.patches = 500;
  bank.thinned = false;
  bank.created = "2026-01-02T03:04:05Z";
  bank.program_version = "0.1.0 \"tested\"";
  bank.bank = {5, 4, {}};
  for (int i = 0; i < 20; ++i) bank.bank.values.push_back(static_cast<float>(i) / 7);
  bank.search = {};
  const float weights[] = {1, 2, 3, 4, 5, 6};
  bank.backbone_weights["conv1.weight"] = StoredTensor::from_floats({2, 3}, weights);
  bank.self_test = {2, 3, {}, 1.0 / 3};
  for (std::uint8_t i = 0; i < 18; ++i) bank.self_test.rgb.push_back(i);
  return bank;
}

BankFile written_1_1() {
  BankFile bank = written_1_0();
  bank.precision = Precision::bf16;
  bank.scoring.image_score = ImageScore::top;
  bank.index = IndexKind::faiss_hnsw;
  bank.recall = {0.875, 0.01, 0.1 + 0.2};
  bank.thinned = true;
  bank.search.mean = {1, 1.25F, 1.5F, 1.75F};
  bank.search.directions = {2, 4, {0, 1, 0, 0, 0.6F, 0, 0, 0.8F}};
  return bank;
}

/// The same with what 1.2 added.
BankFile written_since_1_2() {
  BankFile bank = written_1_1();
  bank.area.region = {InspectionRegion::Unit::fractions, 0.25, 0, 0.5, 0.1};
  bank.area.mask =
      std::make_shared<InspectionMask>(Size{3, 2}, std::vector<std::uint8_t>{0, 255, 0, 0, 255, 0});
  return bank;
}

BankFile written_1_2() {
  BankFile bank = written_since_1_2();
  bank.preprocess.mode = ResizeMode::exact;
  // It has the size of a crop, which did not count in this mode.
  bank.preprocess.crop.reset();
  bank.frames = 1;
  bank.calibration = {0.5, 0.25, {0.25F}, true, false};
  return bank;
}

BankFile written_1_3() {
  BankFile bank = written_since_1_2();
  bank.preprocess.mode = ResizeMode::exact;
  bank.preprocess.crop = Size{64, 80};
  return bank;
}

BankFile written_1_4() {
  BankFile bank = written_since_1_2();
  bank.preprocess.mode = ResizeMode::area;
  bank.preprocess.crop.reset();
  bank.preprocess.tile_size = 200;
  bank.preprocess.tile_overlap = 0.25;
  return bank;
}

BankEnsemble written_2_4() {
  BankFile first = written_since_1_2();
  first.preprocess.crop.reset();
  BankFile second = first;
  second.backbone = "densenet121";
  second.layers = {"features.denseblock1"};
  second.weights_sha256 = "489e92c42ff00647a55d62d95b204d086e859edfc149b74730e3005a8ff8a285";
  second.precision = Precision::fp32;
  second.preprocess.mean = {0.5F, 0.5F, 0.5F};
  second.embedding = {3, 0, 3};
  second.calibration = {1.5, 1.25, {1, 1.25F, 1.375F}, false, true};
  second.bank = {6, 3, {}};
  for (int i = 0; i < 18; ++i) second.bank.values.push_back(static_cast<float>(i) / 5);
  second.search = {};
  const float weights[] = {7, 8, 9};
  second.backbone_weights.clear();
  second.backbone_weights["conv0.weight"] = StoredTensor::from_floats({3}, weights);
  second.self_test.score = 0.75;
  BankEnsemble ensemble;
  ensemble.members = {first, second};
  ensemble.calibration = {1.125, 0.875, {0.75F, 0.875F, 1}, false, true};
  return ensemble;
}

using test::expect_same;

void expect_same(const Calibration& read, const Calibration& written) {
  EXPECT_EQ(read.threshold, written.threshold);
  EXPECT_EQ(read.usual_score, written.usual_score);
  EXPECT_EQ(read.scores, written.scores);
  EXPECT_EQ(read.is_guess, written.is_guess);
  EXPECT_EQ(read.of_frames, written.of_frames);
}

void expect_same(const PreprocessOptions& read, const PreprocessOptions& written) {
  EXPECT_EQ(read.mode, written.mode);
  EXPECT_EQ(read.area_side, written.area_side);
  EXPECT_EQ(read.exact, written.exact);
  EXPECT_EQ(read.shorter_side, written.shorter_side);
  EXPECT_EQ(read.crop, written.crop);
  EXPECT_EQ(read.tile_size, written.tile_size);
  if (written.tile_size > 0) {
    EXPECT_EQ(read.tile_overlap, written.tile_overlap);
  }
  EXPECT_EQ(read.mean, written.mean);
  EXPECT_EQ(read.deviation, written.deviation);
}

void expect_same(const CoresetOptions& read, const CoresetOptions& written) {
  EXPECT_EQ(read.sampler, written.sampler);
  EXPECT_EQ(read.ratio, written.ratio);
  EXPECT_EQ(read.max_patches, written.max_patches);
  EXPECT_EQ(read.projection_dimension, written.projection_dimension);
  EXPECT_EQ(read.starting_points, written.starting_points);
  EXPECT_EQ(read.seed, written.seed);
}

void expect_same(const std::optional<SearchRecall>& read,
                 const std::optional<SearchRecall>& written) {
  ASSERT_EQ(read.has_value(), written.has_value());
  if (!read) return;
  EXPECT_EQ(read->neighbours, written->neighbours);
  EXPECT_EQ(read->mean_score_error, written->mean_score_error);
  EXPECT_EQ(read->largest_score_error, written->largest_score_error);
}

void expect_same(const InspectionArea& read, const InspectionArea& written) {
  EXPECT_EQ(format_inspection_region(read.region), format_inspection_region(written.region));
  ASSERT_EQ(read.mask == nullptr, written.mask == nullptr);
  if (!read.mask) return;
  EXPECT_EQ(read.mask->size(), written.mask->size());
  EXPECT_EQ(read.mask->pixels(), written.mask->pixels());
}

void expect_same(const TensorTable& read, const TensorTable& written) {
  ASSERT_EQ(read.size(), written.size());
  for (const auto& [name, tensor] : written) {
    const auto found = read.find(name);
    ASSERT_NE(found, read.end()) << name;
    EXPECT_EQ(found->second.type, tensor.type) << name;
    EXPECT_EQ(found->second.shape, tensor.shape) << name;
    EXPECT_EQ(found->second.bytes, tensor.bytes) << name;
  }
}

void expect_same(const BankFile& read, const BankFile& written) {
  EXPECT_EQ(read.backbone, written.backbone);
  EXPECT_EQ(read.layers, written.layers);
  EXPECT_EQ(read.weights_sha256, written.weights_sha256);
  EXPECT_EQ(tensor_table_sha256(read.backbone_weights), written.weights_sha256);
  expect_same(read.backbone_weights, written.backbone_weights);
  EXPECT_EQ(read.precision, written.precision);
  expect_same(read.area, written.area);
  expect_same(read.preprocess, written.preprocess);
  EXPECT_EQ(read.embedding.patch_size, written.embedding.patch_size);
  EXPECT_EQ(read.embedding.pretrain_embed_dimension, written.embedding.pretrain_embed_dimension);
  EXPECT_EQ(read.embedding.target_embed_dimension, written.embedding.target_embed_dimension);
  expect_same(read.coreset, written.coreset);
  EXPECT_EQ(read.scoring.mode, written.scoring.mode);
  EXPECT_EQ(read.scoring.neighbours, written.scoring.neighbours);
  EXPECT_EQ(read.scoring.image_score, written.scoring.image_score);
  expect_same(read.calibration, written.calibration);
  expect_same(read.held_out, written.held_out);
  EXPECT_EQ(read.index, written.index);
  expect_same(read.recall, written.recall);
  EXPECT_EQ(read.frames, written.frames);
  EXPECT_EQ(read.patches, written.patches);
  EXPECT_EQ(read.thinned, written.thinned);
  EXPECT_EQ(read.created, written.created);
  EXPECT_EQ(read.program_version, written.program_version);
  EXPECT_EQ(read.checksum.size(), 64U);
  expect_same(read.bank, written.bank);
  expect_same(read.search, written.search);
  expect_same(read.self_test, written.self_test);
}

}  // namespace

TEST(BankFileVersions, ReadsBanksOfOlderVersions) {
  struct Case {
    const char* version;
    BankFile written;
  };
  for (const Case& item :
       {Case{"1.0", written_1_0()}, Case{"1.1", written_1_1()}, Case{"1.2", written_1_2()},
        Case{"1.3", written_1_3()}, Case{"1.4", written_1_4()}}) {
    SCOPED_TRACE(item.version);
    const BankEnsemble read = read_bank_ensemble(old_bank(item.version));
    ASSERT_EQ(read.members.size(), 1U);
    expect_same(read.members.front(), item.written);
    expect_same(read.calibration, item.written.calibration);
  }
}

TEST(BankFileVersions, ReadsEnsemblesOfOlderVersions) {
  const BankEnsemble written = written_2_4();
  const BankEnsemble read = read_bank_ensemble(old_bank("2.4"));
  ASSERT_EQ(read.members.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    expect_same(read.members[i], written.members[i]);
  }
  EXPECT_EQ(read.members[0].area.mask, read.members[1].area.mask);
  expect_same(read.calibration, written.calibration);
  EXPECT_ERROR(read_bank_file(old_bank("2.4")), unsupported_file, "an ensemble of 2 banks");
}

// As when an old bank is appended to or merged: today's program writes it with all it has.
TEST(BankFileVersions, KeepsWhatOlderVersionsHoldWhenItIsWrittenAgain) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "bank.safetensors";
  for (const char* version : {"1.0", "1.1", "1.2", "1.3", "1.4", "2.4"}) {
    SCOPED_TRACE(version);
    const BankEnsemble old = read_bank_ensemble(old_bank(version));
    write_bank_ensemble(path, old);
    const BankEnsemble again = read_bank_ensemble(path);
    ASSERT_EQ(again.members.size(), old.members.size());
    for (std::size_t i = 0; i < old.members.size(); ++i) {
      expect_same(again.members[i], old.members[i]);
    }
    expect_same(again.calibration, old.calibration);
  }
}

}  // namespace patchcore
