// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects people's banks of the published implementation: they score here as there, and nothing in
// them is executed or trusted.
#include "core/published_bank.h"

#include <faiss/IndexFlat.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/detector.h"
#include "core/frame_embedding.h"
#include "core/nearest_neighbours.h"
#include "core/scoring.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/patch_matrices.h"
#include "tests/support/shared_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

namespace pickle = test::pickle;
using Layers = std::vector<std::string>;
using Values = std::map<std::string, std::string>;

const Layers layers = {"layer2", "layer3"};

/// What Python's pickle makes of such a dictionary, protocol 5: resnet18, layers 2 and 3, 64 rows
/// and 96 columns, dimensions 32 and 24, patches of 3, 2 neighbours.
const std::string params_by_python(
    "\x80\x05\x95\xd5\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x0d"
    "backbone.name\x94\x8c\x08resnet18\x94\x8c\x16layers_to_extract_from\x94]\x94(\x8c\x06layer2"
    "\x94\x8c\x06layer3\x94"
    "e\x8c\x0binput_shape\x94K\x03K@K`\x87\x94\x8c\x18pretrain_embed_dimension\x94K \x8c\x16"
    "target_embed_dimension\x94K\x18\x8c\x09patchsize\x94K\x03\x8c\x0bpatchstride\x94K\x01\x8c\x15"
    "anomaly_scorer_num_nn\x94K\x02u.",
    224);

/// The same, to be changed.
Values usual_values() {
  return {
      {"backbone.name", pickle::text("resnet18")},
      {"layers_to_extract_from", pickle::tuple({pickle::text("layer2"), pickle::text("layer3")})},
      {"input_shape", pickle::integers({3, 64, 96})},
      {"pretrain_embed_dimension", pickle::integer(32)},
      {"target_embed_dimension", pickle::integer(24)},
      {"patchsize", pickle::integer(3)},
      {"patchstride", pickle::integer(1)},
      {"anomaly_scorer_num_nn", pickle::integer(2)}};
}

std::string pickled(const Values& values) {
  return pickle::whole(pickle::ordered_dictionary({values.begin(), values.end()}));
}

void write_index(const std::string& path, const PatchMatrix& bank) {
  faiss::IndexFlatL2 index(static_cast<int>(bank.columns));
  index.add(static_cast<faiss::Index::idx_t>(bank.rows), bank.values.data());
  faiss::write_index(&index, path.c_str());
}

std::string write_weights(const std::string& folder, const std::string& backbone) {
  const std::string path = folder + "/" + backbone + ".safetensors";
  Safetensors file;
  file.tensors = test::formula_weights(backbone, layers);
  write_safetensors(path, file);
  return path;
}

class PublishedBank : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.weights = write_weights(folder_.path(), "resnet18");
    write_index(index_path_, bank_);
    test::write_whole_file(params_path_, params_by_python);
  }

  BankFile import() const { return import_published_bank(folder_.path(), "", options_); }

  BankFile import_with(const std::string& key, const std::string& value) const {
    Values values = usual_values();
    if (value.empty()) {
      values.erase(key);
    } else {
      values[key] = value;
    }
    test::write_whole_file(params_path_, pickled(values));
    return import();
  }

  const test::TemporaryFolder folder_;
  const std::string params_path_ = folder_ / "patchcore_params.pkl";
  const std::string index_path_ = folder_ / "nnscorer_search_index.faiss";
  const PatchMatrix bank_ = test::random_patches(50, 24, 1);
  PublishedBankOptions options_;
};

}  // namespace

TEST_F(PublishedBank, HasTheSettingsOfTheModel) {
  options_.resize = 100;
  const BankFile file = import();
  EXPECT_EQ(file.backbone, "resnet18");
  EXPECT_EQ(file.layers, layers);
  EXPECT_EQ(file.preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(file.preprocess.shorter_side, 100);
  EXPECT_EQ(file.preprocess.crop, (Size{96, 64}));
  EXPECT_EQ(file.embedding.patch_size, 3);
  EXPECT_EQ(file.embedding.pretrain_embed_dimension, 32);
  EXPECT_EQ(file.embedding.target_embed_dimension, 24);
  EXPECT_EQ(file.scoring.mode, ScoreMode::published);
  EXPECT_EQ(file.scoring.image_score, ImageScore::max);
  EXPECT_EQ(file.scoring.neighbours, 2);
  EXPECT_EQ(file.bank.values, bank_.values);
  EXPECT_GT(file.calibration.threshold, 0);
  EXPECT_TRUE(file.calibration.is_guess);

  test::write_whole_file(params_path_, pickled(usual_values()));
  EXPECT_EQ(import().layers, layers) << "a tuple is as good as a list";
}

TEST_F(PublishedBank, IsABankThatDetectorsLoad) {
  for (const bool store_weights : {true, false}) {
    options_.store_weights = store_weights;
    const std::string path = folder_ / "imported.safetensors";
    const BankFile imported = import();
    write_bank_file(path, imported);

    DetectorOptions detection;
    detection.precision = Precision::fp32;
    if (!store_weights) detection.weights = options_.weights;
    const Detector detector(path, detection);
    const test::StripedPicture picture(3, {300, 280});
    Workspace workspace;
    const double score = detector.detect(picture.view(), {}, workspace).score;

    const FrameEmbedding embedding(
        imported.preprocess,
        make_backbone("resnet18", layers, test::formula_weights("resnet18", layers), "formula"),
        imported.embedding);
    const PatchGrid grid = embedding.embed(picture.view(), workspace);
    const auto index = make_nearest_neighbours_faiss(bank_);
    ScoringOptions scoring;
    scoring.neighbours = 2;
    Neighbours neighbours;
    const double expected =
        Scoring(scoring, bank_, *index).score(workspace.patches, grid, neighbours).score;
    EXPECT_NEAR(score, expected, 1e-4 * expected);
  }
}

TEST_F(PublishedBank, GivesThePublishedScores) {
  PATCHCORE_SHARED_FILE_OR_SKIP(inputs_path, "golden/preprocess.safetensors");
  PATCHCORE_SHARED_FILE_OR_SKIP(chain_path, "golden/chain_wide_resnet50_2_k3.safetensors");
  use_threads(0);
  const TensorTable inputs = read_safetensors(inputs_path).tensors;
  const TensorTable expected = read_safetensors(chain_path).tensors;
  const auto backbone = make_backbone("wide_resnet50_2", layers,
                                      test::formula_weights("wide_resnet50_2", layers), "formula");
  const PatchEmbedding embedding(describe_backbone("wide_resnet50_2").embedding);
  const auto embed = [&](int picture, PatchGrid& grid) {
    InputTensor input{1, 224, 224, {}};
    input.values =
        require_tensor(inputs, "tensor_0" + std::to_string(picture), inputs_path).to_floats();
    PatchMatrix patches;
    grid = embedding.embed(backbone->extract(input), patches);
    return patches;
  };
  PatchGrid grid;
  PatchMatrix bank;
  for (int picture = 0; picture < 6; ++picture) {  // every ninth patch, as the reference's bank
    const PatchMatrix patches = embed(picture, grid);
    bank.columns = patches.columns;
    const std::size_t before = picture * patches.rows;
    for (std::size_t row = (9 - before % 9) % 9; row < patches.rows; row += 9) {
      bank.values.insert(bank.values.end(), patches.row(row), patches.row(row) + patches.columns);
      ++bank.rows;
    }
  }
  write_index(index_path_, bank);
  Values values = usual_values();
  values["backbone.name"] = pickle::text("wide_resnet50_2");
  values["input_shape"] = pickle::integers({3, 224, 224});
  values["pretrain_embed_dimension"] = pickle::integer(1024);
  values["target_embed_dimension"] = pickle::integer(1024);
  values["anomaly_scorer_num_nn"] = pickle::integer(3);
  test::write_whole_file(params_path_, pickled(values));
  options_.weights = write_weights(folder_.path(), "wide_resnet50_2");

  const BankFile file = import();
  const auto index = make_nearest_neighbours(file.bank, IndexKind::automatic, file.search);
  const Scoring scoring(file.scoring, file.bank, *index);
  Neighbours neighbours;
  for (const int picture : {6, 7}) {
    const PatchMatrix patches = embed(picture, grid);
    const float score =
        require_tensor(expected, "score_0" + std::to_string(picture), chain_path).to_floats().at(0);
    EXPECT_NEAR(scoring.score(patches, grid, neighbours).score, score, 1e-4);
  }
}

TEST_F(PublishedBank, MembersOfAnEnsembleAreInOrder) {
  EXPECT_EQ(published_banks(folder_.path()), Layers{""});
  for (int i = 1; i <= 10; ++i) {
    const std::string name = folder_ / ("Ensemble-" + std::to_string(i) + "-10_");
    test::write_whole_file(name + "patchcore_params.pkl", params_by_python);
    write_index(name + "nnscorer_search_index.faiss", test::random_patches(20, 24, i));
  }
  const Layers names = published_banks(folder_.path());
  ASSERT_EQ(names.size(), 11U);
  EXPECT_EQ(names[1], "Ensemble-1-10_");
  EXPECT_EQ(names[10], "Ensemble-10-10_");
  EXPECT_EQ(import_published_bank(folder_.path(), names[2], options_).bank.values,
            test::random_patches(20, 24, 2).values);
}

class PublishedEnsemble : public PublishedBank {
 protected:
  void write_member(const std::string& prefix, int seed) {
    const std::string name = model_ / prefix;
    test::write_whole_file(name + "patchcore_params.pkl", params_by_python);
    write_index(name + "nnscorer_search_index.faiss",
                test::random_patches(20, 24, static_cast<unsigned>(seed)));
  }

  const test::TemporaryFolder model_;
};

TEST_F(PublishedEnsemble, IsOneFileWithAllItsMembers) {
  for (int i = 1; i <= 3; ++i) write_member("Ensemble-" + std::to_string(i) + "-3_", i);
  const BankEnsemble ensemble = import_published_model(model_.path(), options_);
  ASSERT_EQ(ensemble.members.size(), 3U);
  EXPECT_TRUE(ensemble.calibration.is_guess);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ensemble.members[i].bank.values, test::random_patches(20, 24, i + 1).values);
  }
  const std::string path = folder_ / "ensemble.safetensors";
  write_bank_ensemble(path, ensemble);
  DetectorOptions detection;
  detection.precision = Precision::fp32;
  const Detector detector(path, detection);
  DetectionOptions with_members;
  with_members.members = true;
  Workspace workspace;
  const test::StripedPicture picture(3, {300, 280});
  const Detection found = detector.detect(picture.view(), with_members, workspace);
  ASSERT_EQ(found.members.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    write_bank_file(path, ensemble.members[i]);
    EXPECT_EQ(found.members[i].score,
              Detector(path, detection).detect(picture.view(), {}, workspace).score);
  }
}

TEST_F(PublishedEnsemble, OfOneModelIsABank) {
  write_member("", 1);
  const BankEnsemble ensemble = import_published_model(model_.path(), options_);
  ASSERT_EQ(ensemble.members.size(), 1U);
  EXPECT_EQ(ensemble.calibration.threshold, ensemble.members[0].calibration.threshold);
}

TEST_F(PublishedEnsemble, IsRefusedUnlessItIsWhole) {
  write_member("Ensemble-1-3_", 1);
  EXPECT_ERROR(import_published_model(model_.path(), options_), unsupported_file, "not one whole");
  write_member("Ensemble-3-3_", 3);
  EXPECT_ERROR(import_published_model(model_.path(), options_), unsupported_file, "not one whole");
  write_member("Ensemble-2-3_", 2);
  EXPECT_EQ(import_published_model(model_.path(), options_).members.size(), 3U);
  write_member("", 4);
  EXPECT_ERROR(import_published_model(model_.path(), options_), unsupported_file, "not one whole");
}

TEST_F(PublishedBank, FoldersWithoutAModelAreRefused) {
  EXPECT_ERROR(published_banks(folder_ / "none"), not_found, "there is no folder");
  EXPECT_ERROR(published_banks(params_path_), not_found, "there is no folder");
  const test::TemporaryFolder empty;
  EXPECT_ERROR(published_banks(empty.path()), not_found, "--save_patchcore_model");
}

TEST_F(PublishedBank, NothingInThePickleIsExecuted) {
  test::write_whole_file(params_path_,
                         pickle::whole(pickle::call(pickle::global("os", "system"),
                                                    pickle::tuple({pickle::text("true")}))));
  EXPECT_ERROR(import(), unsupported_file, "\"os.system\", which is never loaded");
}

TEST_F(PublishedBank, FaultySettingsAreNamed) {
  for (const auto& setting : usual_values()) {
    EXPECT_ERROR(import_with(setting.first, ""), corrupt, "it has no \"" + setting.first + "\"");
    EXPECT_ERROR(import_with(setting.first, "N"), corrupt, "\"" + setting.first + "\" is no");
  }
  EXPECT_ERROR(import_with("patchstride", pickle::integer(2)), unsupported_file, "stride of 2");
  EXPECT_ERROR(import_with("patchsize", pickle::integer(2)), invalid_argument, "odd");
  EXPECT_ERROR(import_with("patchsize", pickle::integer(-3)), corrupt,
               "\"patchsize\" is no number");
  EXPECT_ERROR(import_with("patchsize", pickle::integer(1LL << 40)), corrupt, "\"patchsize\"");
  EXPECT_ERROR(import_with("input_shape", pickle::integers({64, 96})), unsupported_file,
               "input_shape");
  EXPECT_ERROR(import_with("input_shape", pickle::integers({3, 0, 96})), invalid_argument, "crop");
  EXPECT_ERROR(import_with("backbone.name", pickle::text("resnet17")), not_found, "resnet17");
  EXPECT_ERROR(import_with("layers_to_extract_from", pickle::list({pickle::text("layer9")})),
               not_found, "layer9");
  EXPECT_ERROR(import_with("layers_to_extract_from", pickle::list({})), unsupported_file,
               "no layers in \"layers_to_extract_from\"");
  EXPECT_ERROR(import_with("anomaly_scorer_num_nn", pickle::integer(0)), invalid_argument,
               "neighbours");
  EXPECT_ERROR(import_with("target_embed_dimension", pickle::integer(23)), corrupt,
               "they are not of one model");
  test::write_whole_file(params_path_, pickle::whole("N"));
  EXPECT_ERROR(import(), corrupt, "it holds no dictionary");
  test::write_whole_file(params_path_, params_by_python.substr(0, 100));
  EXPECT_ERROR(import(), corrupt, "cut off");
  test::write_whole_file(params_path_, std::string(2 << 20, '.'));
  EXPECT_ERROR(import(), corrupt, "too large");
}

TEST_F(PublishedBank, TheIndexMustBeThere) {
  test::write_whole_file(index_path_, "IwPQ and more");
  EXPECT_ERROR(import(), unsupported_file, "kind \"IwPQ\"");
  ASSERT_EQ(std::remove(index_path_.c_str()), 0);
  EXPECT_ERROR(import(), not_found, "nnscorer_search_index.faiss");
}

}  // namespace patchcore
