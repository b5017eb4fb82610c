// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Memory banks that the published implementation (amazon-science/patchcore-inspection) saved.
#include "core/published_bank.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/bank_building.h"
#include "core/bank_completion.h"
#include "core/ensemble_settings.h"
#include "core/error.h"
#include "core/faiss_flat_file.h"
#include "core/frame_embedding.h"
#include "core/regular_file.h"
#include "core/score_combination.h"
#include "core/weights/pickle_reader.h"

namespace patchcore {
namespace {

constexpr char params_suffix[] = "patchcore_params.pkl";
constexpr char ensemble_prefix[] = "Ensemble-";
constexpr char index_suffix[] = "nnscorer_search_index.faiss";

/// Real ones have a few hundred bytes.
constexpr std::uint64_t max_params_size = 1 << 20;

/// The dictionary that the published code pickles.
class Params {
 public:
  explicit Params(const std::string& path) : path_(path) {
    const RegularFile file(path);
    if (file.size() > max_params_size) fail("it is too large");
    bytes_ = file.read(0, file.size());
    static const PickleRules rules = {
        [](const std::string&) { return false; },
        "the settings of a model of the published implementation are a plain dictionary"};
    pickle_ = read_pickle(bytes_.data(), bytes_.size(), rules, path);
    if (pickle_.root->kind != PickleValue::Kind::dictionary) fail("it holds no dictionary");
  }

  const std::string& text(const char* key) const { return text(at(key), key); }

  int integer(const char* key) const { return integer(at(key), key); }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> result;
    for (const PickleValue* item : items(key)) result.push_back(text(*item, key));
    return result;
  }

  std::vector<int> integers(const char* key) const {
    std::vector<int> result;
    for (const PickleValue* item : items(key)) result.push_back(integer(*item, key));
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::corrupt,
                "\"" + path_ + "\" is no model of the published implementation: " + problem);
  }

  const PickleValue& at(const std::string& key) const {
    const std::vector<const PickleValue*>& items = pickle_.root->items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i]->kind == PickleValue::Kind::text && items[i]->text == key) return *items[i + 1];
    }
    fail("it has no \"" + key + "\"");
  }

  const std::string& text(const PickleValue& value, const std::string& key) const {
    if (value.kind != PickleValue::Kind::text) fail("\"" + key + "\" is no text");
    return value.text;
  }

  int integer(const PickleValue& value, const std::string& key) const {
    if (value.kind != PickleValue::Kind::integer || value.integer < 0 ||
        value.integer > std::numeric_limits<int>::max()) {
      fail("\"" + key + "\" is no number of its range");
    }
    return static_cast<int>(value.integer);
  }

  const std::vector<const PickleValue*>& items(const std::string& key) const {
    const PickleValue& value = at(key);
    if (value.kind != PickleValue::Kind::list && value.kind != PickleValue::Kind::tuple) {
      fail("\"" + key + "\" is no list");
    }
    return value.items;
  }

  const std::string path_;
  std::vector<std::uint8_t> bytes_;
  Pickle pickle_;
};

std::string in_folder(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

/// The crop that the model saw; the resizing before it is the options' to say.
Size crop_of(const Params& params, const std::string& path) {
  const std::vector<int> shape = params.integers("input_shape");
  if (shape.size() != 3 || shape[0] != 3) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + path + "\" has an input_shape that is not 3 x height x width");
  }
  return {shape[2], shape[1]};
}

}  // namespace

std::vector<std::string> published_banks(const std::string& folder) {
  const std::string suffix = params_suffix;
  std::vector<std::string> names;
  std::error_code problem;
  for (auto entry = std::filesystem::directory_iterator(folder, problem);
       !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
    const std::string file = entry->path().filename().string();
    if (file.size() < suffix.size() ||
        file.compare(file.size() - suffix.size(), suffix.size(), suffix) != 0) {
      continue;
    }
    names.push_back(file.substr(0, file.size() - suffix.size()));
  }
  if (problem == std::errc::no_such_file_or_directory || problem == std::errc::not_a_directory) {
    throw Error(ErrorCode::not_found, "there is no folder \"" + folder + "\"");
  }
  if (problem) {
    throw Error(ErrorCode::read_failed,
                "the folder \"" + folder + "\" cannot be read: " + problem.message());
  }
  if (names.empty()) {
    throw Error(ErrorCode::not_found,
                "there is no " + suffix + " in \"" + folder +
                    "\": name a folder that the published implementation wrote with "
                    "--save_patchcore_model");
  }
  // Members of an ensemble of ten or more: by number, not by letter.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return names;
}

BankFile import_published_bank(const std::string& folder, const std::string& name,
                               const PublishedBankOptions& options) {
  const std::string params_path = in_folder(folder, name + params_suffix);
  const Params params(params_path);
  if (params.integer("patchstride") != 1) {
    throw Error(ErrorCode::unsupported_file, "\"" + params_path + "\" has a patch stride of " +
                                                 std::to_string(params.integer("patchstride")) +
                                                 ": only 1 has a counterpart");
  }
  const std::vector<std::string> layers = params.texts("layers_to_extract_from");
  if (layers.empty()) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + params_path + "\" has no layers in \"layers_to_extract_from\"");
  }
  const std::unique_ptr<BackboneSource> backbone =
      find_backbone({params.text("backbone.name"), layers, options.weights, false});

  BankFile file;
  file.backbone = backbone->description().name;
  file.layers = layers;
  file.preprocess = backbone->description().preprocess;
  file.preprocess.mode = ResizeMode::shorter_side;
  file.preprocess.shorter_side = options.resize;
  file.preprocess.crop = crop_of(params, params_path);
  file.preprocess.validate();
  file.embedding.patch_size = params.integer("patchsize");
  file.embedding.pretrain_embed_dimension = params.integer("pretrain_embed_dimension");
  file.embedding.target_embed_dimension = params.integer("target_embed_dimension");
  file.embedding.validate();
  file.scoring.mode = ScoreMode::published;
  file.scoring.neighbours = params.integer("anomaly_scorer_num_nn");
  file.scoring.validate();

  const std::string index_path = in_folder(folder, name + index_suffix);
  file.bank = read_faiss_flat_file(index_path);
  if (static_cast<int>(file.bank.columns) != file.embedding.target_embed_dimension) {
    throw Error(ErrorCode::corrupt, "\"" + index_path + "\" has " +
                                        std::to_string(file.bank.columns) + " dimensions, and \"" +
                                        params_path + "\" says " +
                                        std::to_string(file.embedding.target_embed_dimension) +
                                        ": they are not of one model");
  }
  file.patches = static_cast<std::int64_t>(file.bank.rows);
  file.calibration = guess_calibration(file.bank, file.scoring);

  file.weights_sha256 = backbone->sha256();
  {
    const FrameEmbedding embedding(
        file.preprocess, backbone->make(file.precision, {}, file.preprocess), file.embedding);
    complete_bank(file, embedding);
  }
  if (options.store_weights) file.backbone_weights = backbone->take_weights();
  return file;
}

namespace {

/// The published code numbers the members of an ensemble: with one missing, scores would be others.
void require_whole_ensemble(const std::vector<std::string>& names, const std::string& folder) {
  const std::string count = std::to_string(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string expected = ensemble_prefix + std::to_string(i + 1) + '-' + count + '_';
    if (names[i] == expected) continue;
    throw Error(ErrorCode::unsupported_file, "\"" + folder + "\" has " + count +
                                                 " models, which are not one whole ensemble: \"" +
                                                 names[i] + params_suffix + "\" is not \"" +
                                                 expected + params_suffix + '"');
  }
}

}  // namespace

BankEnsemble import_published_model(const std::string& folder,
                                    const PublishedBankOptions& options) {
  const std::vector<std::string> names = published_banks(folder);
  if (names.size() > 1 || names.front().rfind(ensemble_prefix, 0) == 0) {
    require_whole_ensemble(names, folder);
  }
  const std::vector<std::string> weights =
      split_for_members("weights", options.weights, names.size());
  BankEnsemble ensemble;
  HeldOutScores scores;
  for (std::size_t i = 0; i < names.size(); ++i) {
    PublishedBankOptions own = options;
    own.weights = weights[i];
    ensemble.members.push_back(import_published_bank(folder, names[i], own));
    const BankFile& member = ensemble.members.back();
    scores.add({0}, member.calibration, rounding_score(member.bank, member.scoring));
  }
  if (names.size() == 1) return BankEnsemble::of(std::move(ensemble.members.front()));
  ensemble.calibration = scores.calibrate_ensemble();
  return ensemble;
}

}  // namespace patchcore
