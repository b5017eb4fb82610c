// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the settings of a bank: exact round trips, versions, and faults named in full.
#include "core/bank_settings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "core/weights/sha256.h"
#include "tests/support/expect_error.h"
#include "tests/support/small_bank.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

/// A document whose own checksum is right, as docs/bank-file.md defines it.
std::string sealed(Json document) {
  document["settings_sha256"] = std::string(64, '0');
  Sha256 sha256;
  const std::string text = document.dump();
  sha256.add(text.data(), text.size());
  document["settings_sha256"] = sha256.digest();
  return document.dump();
}

Json small_document() {
  return Json::parse(format_bank_settings(test::small_bank(), "abc"));
}

/// Expects that the document with @p value at @p pointer is refused with @p part in the message.
void expect_refused(const std::string& pointer, const Json& value, ErrorCode code,
                    const std::string& part) {
  Json document = small_document();
  document[Json::json_pointer(pointer)] = value;
  BankFile content;
  try {
    parse_bank_settings(sealed(document), "f", content);
    ADD_FAILURE() << pointer << " = " << value << " is accepted";
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

}  // namespace

TEST(BankSettings, ReadsWhatItWrites) {
  const BankFile bank = test::small_bank();
  BankFile again;
  EXPECT_EQ(parse_bank_settings(format_bank_settings(bank, "abc"), "f", again), "abc");
  EXPECT_EQ(again.backbone, bank.backbone);
  EXPECT_EQ(again.layers, bank.layers);
  EXPECT_EQ(again.weights_sha256, bank.weights_sha256);
  EXPECT_EQ(again.thinned, bank.thinned);
  EXPECT_EQ(again.precision, bank.precision);
  EXPECT_EQ(again.checksum, small_document()["settings_sha256"]);
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16}) {
    BankFile changed = bank;
    changed.precision = precision;
    parse_bank_settings(format_bank_settings(changed, "abc"), "f", again);
    EXPECT_EQ(again.precision, precision);
  }
  EXPECT_EQ(again.preprocess.mode, bank.preprocess.mode);
  EXPECT_EQ(again.preprocess.area_side, bank.preprocess.area_side);
  EXPECT_EQ(again.preprocess.exact, bank.preprocess.exact);
  EXPECT_EQ(again.preprocess.shorter_side, bank.preprocess.shorter_side);
  EXPECT_EQ(again.preprocess.crop, bank.preprocess.crop);
  EXPECT_EQ(again.preprocess.mean, bank.preprocess.mean);
  EXPECT_EQ(again.preprocess.deviation, bank.preprocess.deviation);
  EXPECT_EQ(again.embedding.patch_size, bank.embedding.patch_size);
  EXPECT_EQ(again.embedding.pretrain_embed_dimension, bank.embedding.pretrain_embed_dimension);
  EXPECT_EQ(again.embedding.target_embed_dimension, bank.embedding.target_embed_dimension);
  EXPECT_EQ(again.coreset.sampler, bank.coreset.sampler);
  EXPECT_EQ(again.coreset.ratio, bank.coreset.ratio);
  EXPECT_EQ(again.coreset.max_patches, bank.coreset.max_patches);
  EXPECT_EQ(again.coreset.projection_dimension, bank.coreset.projection_dimension);
  EXPECT_EQ(again.coreset.starting_points, bank.coreset.starting_points);
  EXPECT_EQ(again.coreset.seed, bank.coreset.seed);
  EXPECT_EQ(again.scoring.mode, bank.scoring.mode);
  EXPECT_EQ(again.scoring.neighbours, bank.scoring.neighbours);
  EXPECT_EQ(again.scoring.image_score, bank.scoring.image_score);
  EXPECT_EQ(again.calibration.threshold, bank.calibration.threshold);
  EXPECT_EQ(again.calibration.usual_score, bank.calibration.usual_score);
  EXPECT_EQ(again.calibration.is_guess, bank.calibration.is_guess);
  EXPECT_EQ(again.index, bank.index);
  ASSERT_TRUE(again.recall);
  EXPECT_EQ(again.recall->neighbours, bank.recall->neighbours);
  EXPECT_EQ(again.recall->mean_score_error, bank.recall->mean_score_error);
  EXPECT_EQ(again.recall->largest_score_error, bank.recall->largest_score_error);
  EXPECT_EQ(again.frames, bank.frames);
  EXPECT_EQ(again.patches, bank.patches);
  EXPECT_EQ(again.created, bank.created);
  EXPECT_EQ(again.program_version, bank.program_version);
}

TEST(BankSettings, KeepsEveryWayOfResizing) {
  struct Way {
    ResizeMode mode;
    std::optional<Size> crop;
    const char* name;
  };
  for (const Way& way : {Way{ResizeMode::area, {}, "area"}, Way{ResizeMode::exact, {}, "exact"},
                         Way{ResizeMode::exact, Size{64, 80}, "exact_crop"},
                         Way{ResizeMode::shorter_side, Size{112, 96}, "shorter_side"},
                         Way{ResizeMode::shorter_side, {}, "shorter_side_whole"}}) {
    BankFile bank = test::small_bank();
    bank.preprocess.mode = way.mode;
    bank.preprocess.crop = way.crop;
    const std::string text = format_bank_settings(bank, "abc");
    // Programs before 1.3 know three names, and each as it is without or with a crop.
    EXPECT_EQ(Json::parse(text)["preprocess"]["mode"], way.name);
    BankFile again;
    parse_bank_settings(text, "f", again);
    EXPECT_EQ(again.preprocess.mode, way.mode);
    EXPECT_EQ(again.preprocess.crop, way.crop);
  }
}

// They wrote sizes of all modes, whether they counted or not.
TEST(BankSettings, ReadsTheCropsOfProgramsBefore13) {
  Json document = small_document();
  document["format_version"] = "1.2";
  document["preprocess"]["crop"] = {224, 224};
  for (const char* mode : {"area", "exact"}) {
    document["preprocess"]["mode"] = mode;
    BankFile content;
    content.preprocess.crop = Size{1, 1};
    parse_bank_settings(sealed(document), "f", content);
    EXPECT_FALSE(content.preprocess.crop) << mode;
  }
  document["preprocess"]["mode"] = "shorter_side";
  BankFile content;
  parse_bank_settings(sealed(document), "f", content);
  EXPECT_EQ(content.preprocess.crop, (Size{224, 224}));
}

TEST(BankSettings, KeepsEveryIndex) {
  for (const IndexKind kind : {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat,
                               IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    BankFile bank = test::small_bank();
    bank.index = kind;
    bank.recall.reset();
    BankFile again;
    parse_bank_settings(format_bank_settings(bank, "abc"), "f", again);
    EXPECT_EQ(again.index, kind);
    EXPECT_FALSE(again.recall);
  }
}

// As programs wrote it before there was a choice.
TEST(BankSettings, MayLackTheImageScore) {
  Json document = small_document();
  document["scoring"].erase("image_score");
  BankFile content;
  parse_bank_settings(sealed(document), "f", content);
  EXPECT_EQ(content.scoring.image_score, ImageScore::max);
}

TEST(BankSettings, MayLackTheIndex) {
  Json document = small_document();
  document.erase("search");
  BankFile content;
  parse_bank_settings(sealed(document), "f", content);
  EXPECT_EQ(content.index, IndexKind::automatic);
  EXPECT_FALSE(content.recall);
}

// Other programs may write the document with other white space.
TEST(BankSettings, TakesAnyLayoutWhoseChecksumIsRight) {
  Json document = small_document();
  document["settings_sha256"] = std::string(64, '0');
  std::string text = document.dump(2);
  Sha256 sha256;
  sha256.add(text.data(), text.size());
  text.replace(text.find(std::string(64, '0')), 64, sha256.digest());
  BankFile content;
  EXPECT_EQ(parse_bank_settings(text, "f", content), "abc");
}

TEST(BankSettings, PassesOverKeysOfANewerMinorVersion) {
  Json document = small_document();
  document["format_version"] = std::to_string(bank_format_major) + ".99";
  document["new"] = {{"a", 1}};
  document["scoring"]["new"] = "x";
  BankFile content;
  EXPECT_NO_THROW(parse_bank_settings(sealed(document), "f", content));
  EXPECT_EQ(content.backbone, "resnet18");
}

// Other programs and people look for it under this name.
TEST(BankSettings, NamesItsVersion) {
  EXPECT_EQ(small_document()["format_version"], "1.5");
}

// Programs before 1.5 do not say whether the scores are of frames; of a single one there are none.
TEST(BankSettings, KnowsScoresOfFramesInOlderBanks) {
  for (const auto& [frames, expected] : {std::pair{0, false}, {1, false}, {2, true}}) {
    Json document = small_document();
    document["format_version"] = "1.4";
    document["calibration"].erase("of_frames");
    document["source"]["frames"] = frames;
    BankFile content;
    parse_bank_settings(sealed(document), "f", content);
    EXPECT_EQ(content.calibration.of_frames, expected);
  }
  BankFile bank = test::small_bank();
  bank.calibration.of_frames = false;
  BankFile again;
  parse_bank_settings(format_bank_settings(bank, ""), "f", again);
  EXPECT_FALSE(again.calibration.of_frames);
}

TEST(BankSettings, RefusesOtherMajorVersions) {
  expect_refused("/format_version", "3.0", ErrorCode::unsupported_file, "update the program");
  expect_refused("/format_version", "10.0", ErrorCode::unsupported_file, "format version 10.0");
  expect_refused("/format_version", "0.9", ErrorCode::unsupported_file, "train the bank again");
}

TEST(BankSettings, RefusesWhatIsNoVersion) {
  for (const char* version : {"", "1", ".0", "-1.0", " 1.0", "one.0", "99999999999.0"}) {
    expect_refused("/format_version", version, ErrorCode::corrupt, "which is no version");
  }
  expect_refused("/format_version", 1.0, ErrorCode::corrupt, "no text as \"format_version\"");
}

// A newer major version may define its checksum in another way: the version comes first.
TEST(BankSettings, ChecksTheVersionBeforeTheChecksum) {
  BankFile content;
  EXPECT_ERROR(parse_bank_settings(R"({"format_version":"7.3"})", "f", content), unsupported_file,
               "format version 7.3");
}

TEST(BankSettings, RefusesValuesOfAnotherKind) {
  expect_refused("/backbone/name", 1, ErrorCode::corrupt, "no text as \"backbone.name\"");
  expect_refused("/backbone/layers", "layer1", ErrorCode::corrupt, "no list");
  expect_refused("/backbone/layers", {1, 2}, ErrorCode::corrupt, "no list of texts");
  expect_refused("/embedding/patch_size", 3.5, ErrorCode::corrupt,
                 "no whole number of its range as \"embedding.patch_size\"");
  expect_refused("/embedding/patch_size", 3'000'000'000, ErrorCode::corrupt, "patch_size");
  expect_refused("/embedding/patch_size", -3'000'000'000, ErrorCode::corrupt, "patch_size");
  expect_refused("/coreset/seed", -1, ErrorCode::corrupt, "coreset.seed");
  expect_refused("/coreset/ratio", "0.1", ErrorCode::corrupt, "no number as \"coreset.ratio\"");
  expect_refused("/preprocess/exact", {1, 2, 3}, ErrorCode::corrupt, "no list of 2 numbers");
  expect_refused("/preprocess/mean", {1, 2, "3"}, ErrorCode::corrupt, "preprocess.mean");
  expect_refused("/calibration/is_guess", 1, ErrorCode::corrupt, "neither true nor false");
  expect_refused("/calibration/threshold", nullptr, ErrorCode::corrupt, "calibration.threshold");
  expect_refused("/source", nullptr, ErrorCode::corrupt, "source");
  expect_refused("/search", "faiss_hnsw", ErrorCode::corrupt, "no object as \"search");
  expect_refused("/search", Json::object(), ErrorCode::corrupt, "nothing as \"search.index\"");
  expect_refused("/search/recall", "1", ErrorCode::corrupt, "no number as \"search.recall\"");
  expect_refused("/search", {{"index", "auto"}, {"recall", 1}}, ErrorCode::corrupt,
                 "nothing as \"search.mean_score_error\"");
}

// Of 1.1 and before.
TEST(BankSettings, IsOfTheWholeFrameWithoutARegion) {
  Json document = small_document();
  document["preprocess"].erase("region");
  BankFile content;
  content.area.region = {};
  EXPECT_NO_THROW(parse_bank_settings(sealed(document), "f", content));
  EXPECT_TRUE(is_whole_frame(content.area.region));
}

// Of 1.3 and before, and of every bank of whole frames.
TEST(BankSettings, KnowsNoTilesUnlessTheModeSaysSo) {
  Json document = small_document();
  EXPECT_FALSE(document["preprocess"].contains("tile_size"));
  document["preprocess"]["tile_size"] = 64;
  BankFile content;
  content.preprocess.tile_size = 32;
  parse_bank_settings(sealed(document), "f", content);
  EXPECT_EQ(content.preprocess.tile_size, 0);
}

// A program that knows no tiles takes the modes for what it does not know, and says so.
TEST(BankSettings, KeepsTilesUnderModesOfTheirOwn) {
  BankFile bank = test::small_bank();
  bank.preprocess.tile_size = 500;
  bank.preprocess.tile_overlap = 0.1 + 0.2;
  bank.preprocess.crop.reset();
  const std::pair<ResizeMode, const char*> modes[] = {
      {ResizeMode::area, "area_tiles"},
      {ResizeMode::exact, "exact_tiles"},
      {ResizeMode::shorter_side, "shorter_side_tiles"}};
  for (const auto& [mode, name] : modes) {
    bank.preprocess.mode = mode;
    const std::string text = format_bank_settings(bank, "abc");
    EXPECT_EQ(Json::parse(text)["preprocess"]["mode"], name);
    BankFile again;
    parse_bank_settings(text, "f", again);
    EXPECT_EQ(again.preprocess.mode, mode);
    EXPECT_EQ(again.preprocess.tile_size, 500);
    EXPECT_EQ(again.preprocess.tile_overlap, bank.preprocess.tile_overlap);
  }
}

TEST(BankSettings, RefusesFaultyTiles) {
  BankFile bank = test::small_bank();
  bank.preprocess.mode = ResizeMode::area;
  bank.preprocess.crop.reset();
  bank.preprocess.tile_size = 500;
  const Json tiled = Json::parse(format_bank_settings(bank, "abc"));
  const auto refused = [&](const char* key, const Json& value, const std::string& part) {
    Json document = tiled;
    document["preprocess"][key] = value;
    if (value.is_null()) document["preprocess"].erase(key);
    BankFile content;
    EXPECT_ERROR(parse_bank_settings(sealed(document), "f", content), corrupt, part);
  };
  refused("tile_size", 0, "no length as \"preprocess.tile_size\"");
  refused("tile_size", -64, "no length as \"preprocess.tile_size\"");
  refused("tile_size", 64.5, "preprocess.tile_size");
  refused("tile_size", "64", "preprocess.tile_size");
  refused("tile_size", 3'000'000'000, "preprocess.tile_size");
  refused("tile_size", nullptr, "nothing as \"preprocess.tile_size\"");
  refused("tile_overlap", "0.1", "no number as \"preprocess.tile_overlap\"");
  refused("tile_overlap", nullptr, "nothing as \"preprocess.tile_overlap\"");
}

TEST(BankSettings, RefusesRegionsThatAreNone) {
  for (const char* text : {"", "1,2,3", "0.5,0.5,0.6,0.5", "0,0,5,5", "-1,0,64,64"}) {
    expect_refused("/preprocess/region", text, ErrorCode::corrupt,
                   "no region as \"preprocess.region\"");
  }
  expect_refused("/preprocess/region", 5, ErrorCode::corrupt, "no text as \"preprocess.region\"");
}

TEST(BankSettings, RefusesChoicesItDoesNotKnow) {
  expect_refused("/scoring/image_score", "mean", ErrorCode::unsupported_file,
                 "\"scoring.image_score\" set to");
  expect_refused("/scoring/mode", "guess", ErrorCode::unsupported_file, "\"scoring.mode\" set to");
  expect_refused("/preprocess/colour_order", "bgr", ErrorCode::unsupported_file, "colour_order");
  expect_refused("/coreset/sampler", "", ErrorCode::unsupported_file, "coreset.sampler");
  expect_refused("/search/index", "faiss-hnsw", ErrorCode::unsupported_file, "search.index");
  expect_refused("/preprocess/mode", "AREA", ErrorCode::unsupported_file, "preprocess.mode");
}

TEST(BankSettings, NeedsEveryKey) {
  const Json document = small_document();
  for (const auto& item : document.items()) {
    if (item.key() == "search") continue;  // new in 1.1
    Json without = document;
    without.erase(item.key());
    BankFile content;
    const std::string text = item.key() == "settings_sha256" ? without.dump() : sealed(without);
    EXPECT_ERROR(parse_bank_settings(text, "f", content), corrupt, item.key());
  }
}

TEST(BankSettings, RefusesAlteredAndForeignDocuments) {
  BankFile content;
  std::string text = format_bank_settings(test::small_bank(), "abc");
  text.replace(text.find("resnet18"), 8, "resnet34");
  EXPECT_ERROR(parse_bank_settings(text, "f", content), corrupt, "differ from their checksum");
  for (const std::string& foreign : {std::string(), std::string("[]"), std::string("{"),
                                     std::string(2 << 20, ' '), std::string(100'000, '[')}) {
    EXPECT_ERROR(parse_bank_settings(foreign, "f", content), corrupt, "no JSON object");
  }
  Json unsealed = small_document();
  unsealed["settings_sha256"] = std::string(64, '0');
  EXPECT_ERROR(parse_bank_settings(unsealed.dump(), "f", content), corrupt, "checksum");
  unsealed["settings_sha256"] = "";
  EXPECT_ERROR(parse_bank_settings(unsealed.dump(), "f", content), corrupt, "checksum");
}

TEST(BankSettings, ReadsTheEnsembleThatItWrites) {
  const BankEnsemble ensemble = test::small_ensemble();
  const std::string text = format_ensemble_settings(ensemble, "abc");
  EXPECT_EQ(Json::parse(text)["format_version"], "2." + std::to_string(bank_format_minor));
  BankEnsemble again;
  EXPECT_EQ(parse_ensemble_settings(text, "f", again), "abc");
  ASSERT_EQ(again.members.size(), 2U);
  EXPECT_EQ(again.members[1].backbone, "densenet121");
  EXPECT_EQ(again.members[1].layers, ensemble.members[1].layers);
  EXPECT_EQ(again.members[1].calibration.threshold, 1.5);
  EXPECT_EQ(again.members[1].created, ensemble.members[0].created);
  EXPECT_EQ(again.calibration.threshold, 1.125);
  EXPECT_EQ(again.calibration.usual_score, 0.875);
  EXPECT_FALSE(again.calibration.is_guess);
  BankFile single;
  EXPECT_ERROR(parse_bank_settings(text, "f", single), unsupported_file, "an ensemble of 2 banks");
}

TEST(BankSettings, NamesFaultsOfEnsemblesInFull) {
  const Json whole = Json::parse(format_ensemble_settings(test::small_ensemble(), "abc"));
  struct Case {
    const char* pointer;
    Json value;
    const char* message;
  };
  const Case cases[] = {
      {"/members", nullptr, "\"members\""},
      {"/members", Json::array(), "no list of two or more as \"members\""},
      {"/members", Json::array({whole["members"][0]}), "no list of two or more"},
      {"/members/1", 5, "no object as \"members.2.\""},
      {"/members/1/backbone", nullptr, "\"members.2.backbone.\""},
      {"/members/1/backbone/name", 3, "no text as \"members.2.backbone.name\""},
      {"/members/0/source/frames", -1.5, "\"members.1.source.frames\""},
      {"/members/1/calibration/threshold", "high", "\"members.2.calibration.threshold\""},
      {"/calibration/threshold", "high", "\"calibration.threshold\""},
      {"/calibration/is_guess", 1, "\"calibration.is_guess\""},
  };
  for (const Case& item : cases) {
    Json document = whole;
    document[Json::json_pointer(item.pointer)] = item.value;
    BankEnsemble ensemble;
    EXPECT_ERROR(parse_ensemble_settings(sealed(document), "f", ensemble), corrupt, item.message);
  }
}

}  // namespace patchcore
