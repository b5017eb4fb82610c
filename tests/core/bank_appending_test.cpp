// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that patches which mean different things don't get into one bank: every setting that
// they depend on is compared, and a difference is named.
#include "core/bank_appending.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/small_bank.h"

namespace patchcore {

TEST(BankAppending, TakesTheSameSettings) {
  const BankFile bank = test::small_bank();
  EXPECT_NO_THROW(require_same_settings(bank, bank, "old.bank"));
  EXPECT_NO_THROW(require_same_weights(bank, bank.weights_sha256, "old.bank"));
}

TEST(BankAppending, TakesAnotherChoiceOfTheCoreset) {
  BankFile wanted = test::small_bank();
  wanted.coreset = {};
  EXPECT_NO_THROW(require_same_settings(test::small_bank(), wanted, "old.bank"));
}

TEST(BankAppending, TakesAPrecisionThatIsNotChosenYet) {
  BankFile wanted = test::small_bank();
  wanted.precision = Precision::automatic;
  EXPECT_NO_THROW(require_same_settings(test::small_bank(), wanted, "old.bank"));
}

TEST(BankAppending, ComparesOnlyWhatTheWayOfResizingUses) {
  BankFile wanted = test::small_bank();
  wanted.preprocess.area_side = 17;
  wanted.preprocess.exact = {32, 32};
  EXPECT_NO_THROW(require_same_settings(test::small_bank(), wanted, "old.bank"));
}

struct Difference {
  const char* text;
  std::function<void(BankFile&)> make;
};

const Difference differences[] = {
    {"backbone: \"resnet18\" there, \"resnet50\" here",
     [](BankFile& file) { file.backbone = "resnet50"; }},
    {"layers: \"layer1,layer2\" there, \"layer2\" here",
     [](BankFile& file) { file.layers = {"layer2"}; }},
    {"precision: bf16 there, fp32 here", [](BankFile& file) { file.precision = Precision::fp32; }},
    {"input size: 128 there, 129 here", [](BankFile& file) { file.preprocess.shorter_side = 129; }},
    {"crop: 112x96 there, 112x95 here", [](BankFile& file) { file.preprocess.crop->height = 95; }},
    {"tile size: 0 there, 64 here", [](BankFile& file) { file.preprocess.tile_size = 64; }},
    {"mean of the colours: 0.485 0.456 0.406 there, 0.485 0.5 0.406 here",
     [](BankFile& file) { file.preprocess.mean[1] = 0.5F; }},
    {"deviation of the colours: 0.229 0.224 0.225 there, 0.229 0.224 0.5 here",
     [](BankFile& file) { file.preprocess.deviation[2] = 0.5F; }},
    {"region: 0.25,0.0,0.5,0.1 there, none here", [](BankFile& file) { file.area.region = {}; }},
    {"mask: a picture of 3x2 there, none here", [](BankFile& file) { file.area.mask = nullptr; }},
    {"patch size: 5 there, 3 here", [](BankFile& file) { file.embedding.patch_size = 3; }},
    {"pretrain embed dimension: 8 there, 16 here",
     [](BankFile& file) { file.embedding.pretrain_embed_dimension = 16; }},
    {"target embed dimension: 4 there, 8 here",
     [](BankFile& file) { file.embedding.target_embed_dimension = 8; }},
    {"score mode: paper there, published here",
     [](BankFile& file) { file.scoring.mode = ScoreMode::published; }},
    {"image score: top there, max here",
     [](BankFile& file) { file.scoring.image_score = ImageScore::max; }},
    {"neighbours: 3 there, 1 here", [](BankFile& file) { file.scoring.neighbours = 1; }},
    {"index: faiss-hnsw there, auto here",
     [](BankFile& file) { file.index = IndexKind::automatic; }},
};

TEST(BankAppending, NamesADifferenceWithBothValuesAndNothingElse) {
  for (const Difference& difference : differences) {
    SCOPED_TRACE(difference.text);
    BankFile wanted = test::small_bank();
    difference.make(wanted);
    EXPECT_ERROR(require_same_settings(test::small_bank(), wanted, "old.bank"), invalid_argument,
                 std::string("\"old.bank\" cannot be continued with other settings (") +
                     difference.text + "): ");
  }
}

TEST(BankAppending, NamesAllDifferences) {
  BankFile wanted = test::small_bank();
  std::string all;
  for (const Difference& difference : differences) {
    difference.make(wanted);
    all += (all.empty() ? "(" : "; ") + std::string(difference.text);
  }
  EXPECT_ERROR(require_same_settings(test::small_bank(), wanted, "old.bank"), invalid_argument,
               all + ")");
}

TEST(BankAppending, ComparesTheOverlapOfTilesWhereThereAreAny) {
  BankFile existing = test::small_bank();
  BankFile wanted = test::small_bank();
  wanted.preprocess.tile_overlap = 0.25;
  EXPECT_NO_THROW(require_same_settings(existing, wanted, "old.bank"));
  existing.preprocess.tile_size = wanted.preprocess.tile_size = 64;
  EXPECT_ERROR(require_same_settings(existing, wanted, "old.bank"), invalid_argument,
               "(tile overlap: 0.125 there, 0.25 here)");
}

TEST(BankAppending, ComparesTheWaysOfResizingBeforeTheirSizes) {
  BankFile existing = test::small_bank();
  BankFile wanted = test::small_bank();
  wanted.preprocess.mode = ResizeMode::area;
  EXPECT_ERROR(require_same_settings(existing, wanted, "old.bank"), invalid_argument,
               "(resizing: of the shorter side there, to an area here)");
  existing.preprocess.mode = ResizeMode::area;
  wanted.preprocess.area_side = 256;
  EXPECT_ERROR(require_same_settings(existing, wanted, "old.bank"), invalid_argument,
               "(input size: 320 there, 256 here)");
  existing.preprocess.mode = wanted.preprocess.mode = ResizeMode::exact;
  wanted.preprocess.exact = {64, 64};
  wanted.preprocess.crop.reset();
  EXPECT_ERROR(require_same_settings(existing, wanted, "old.bank"), invalid_argument,
               "(input size: 64x96 there, 64x64 here; crop: 112x96 there, none here)");
}

TEST(BankAppending, ComparesThePixelsOfMasks) {
  const BankFile existing = test::small_bank();
  BankFile wanted = test::small_bank();
  std::vector<std::uint8_t> pixels = existing.area.mask->pixels();
  wanted.area.mask = std::make_shared<InspectionMask>(existing.area.mask->size(), pixels);
  EXPECT_NO_THROW(require_same_settings(existing, wanted, "old.bank"));
  pixels[1] ^= 255U;
  wanted.area.mask = std::make_shared<InspectionMask>(existing.area.mask->size(), pixels);
  EXPECT_ERROR(require_same_settings(existing, wanted, "old.bank"), invalid_argument,
               "(mask: a picture of 3x2 there, another one here)");
}

TEST(BankAppending, TakesAnotherExactIndex) {
  BankFile existing = test::small_bank();
  BankFile wanted = test::small_bank();
  existing.index = IndexKind::automatic;
  wanted.index = IndexKind::faiss_flat;
  EXPECT_NO_THROW(require_same_settings(existing, wanted, "old.bank"));
}

TEST(BankAppending, RefusesOtherWeights) {
  const std::string other(64, '0');
  EXPECT_ERROR(require_same_weights(test::small_bank(), other, "old.bank"), invalid_argument,
               "SHA-256 of the weights");
  EXPECT_ERROR(require_same_weights(test::small_bank(), other, "old.bank"), invalid_argument,
               other);
}

}  // namespace patchcore
