// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The JSON document in a bank file's header: everything that is no tensor.
#include "core/bank_settings.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/weights/sha256.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

/// Real documents have two thousand characters.
constexpr std::size_t max_document_size = 1 << 20;
constexpr char version_key[] = "format_version";
constexpr char checksum_key[] = "settings_sha256";
/// Stands for the document's own checksum while that is computed.
const std::string no_checksum(64, '0');

template <typename Value>
struct Name {
  Value value;
  const char* text;
};

// The names in files, which stay as they are however people write the settings.
struct Resizing {
  ResizeMode mode;
  bool is_cropped;
  bool of_tiles;
};
constexpr bool operator==(const Resizing& a, const Resizing& b) {
  return a.mode == b.mode && a.is_cropped == b.is_cropped && a.of_tiles == b.of_tiles;
}
// Those that are new in 1.3 and 1.4 have names that older programs refuse, which would crop or not
// crop, or see whole frames and not their tiles.
constexpr Name<Resizing> resizings[] = {
    {{ResizeMode::area, false, false}, "area"},
    {{ResizeMode::exact, false, false}, "exact"},
    {{ResizeMode::exact, true, false}, "exact_crop"},
    {{ResizeMode::shorter_side, true, false}, "shorter_side"},
    {{ResizeMode::shorter_side, false, false}, "shorter_side_whole"},
    {{ResizeMode::area, false, true}, "area_tiles"},
    {{ResizeMode::exact, false, true}, "exact_tiles"},
    {{ResizeMode::shorter_side, false, true}, "shorter_side_tiles"}};
/// Of the weights that the mean and the deviation go with; others would have to be turned around.
enum class ColourOrder { rgb };
constexpr Name<ColourOrder> colour_orders[] = {{ColourOrder::rgb, "rgb"}};
constexpr Name<Precision> precisions[] = {
    {Precision::fp32, "fp32"}, {Precision::bf16, "bf16"}, {Precision::fp16, "fp16"}};
constexpr Name<SamplerKind> samplers[] = {{SamplerKind::identity, "identity"},
                                          {SamplerKind::random, "random"},
                                          {SamplerKind::greedy, "greedy"},
                                          {SamplerKind::approximate_greedy, "approximate_greedy"}};
constexpr Name<IndexKind> indices[] = {{IndexKind::automatic, "auto"},
                                       {IndexKind::screened, "screened"},
                                       {IndexKind::faiss_flat, "faiss_flat"},
                                       {IndexKind::faiss_ivfpq, "faiss_ivfpq"},
                                       {IndexKind::faiss_hnsw, "faiss_hnsw"}};
constexpr Name<ScoreMode> score_modes[] = {{ScoreMode::published, "published"},
                                           {ScoreMode::paper, "paper"}};
constexpr Name<ImageScore> image_scores[] = {{ImageScore::max, "max"}, {ImageScore::top, "top"}};

template <typename Value, std::size_t count>
const char* name_of(const Name<Value> (&names)[count], Value value) {
  for (const Name<Value>& name : names) {
    if (name.value == value) return name.text;
  }
  throw Error(ErrorCode::internal, "a setting has a value without a name");
}

Json pair(Size size) {
  return Json::array({size.width, size.height});
}

std::string sha256_of(const std::string& text) {
  Sha256 sha256;
  sha256.add(text.data(), text.size());
  return sha256.digest();
}

/// An object of the document, with messages that name the setting in full.
class Section {
 public:
  Section(const Json& json, std::string path, const std::string& origin)
      : json_(json), path_(std::move(path)), origin_(origin) {
    if (!json.is_object()) fail(path_, "no object");
  }

  Section section(const char* key) const { return {at(key), path_ + key + '.', origin_}; }

  /// Those of a list, at least two.
  std::vector<Section> sections(const char* key) const {
    const Json& value = at(key);
    if (!value.is_array() || value.size() < 2) fail(path_ + key, "no list of two or more");
    std::vector<Section> result;
    for (const Json& item : value) {
      result.emplace_back(item, path_ + key + '.' + std::to_string(result.size() + 1) + '.',
                          origin_);
    }
    return result;
  }

  std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) fail(path_ + key, "no text");
    return value.get<std::string>();
  }

  bool has(const char* key) const { return json_.contains(key); }

  bool truth(const char* key) const {
    const Json& value = at(key);
    if (!value.is_boolean()) fail(path_ + key, "neither true nor false");
    return value.get<bool>();
  }

  double number(const char* key) const { return number(at(key), key); }

  template <typename Integer>
  Integer integer(const char* key) const {
    return integer<Integer>(at(key), key);
  }

  Size size(const char* key) const {
    const Json& value = array(key, 2);
    return {integer<int>(value[0], key), integer<int>(value[1], key)};
  }

  int length(const char* key) const {
    const int value = integer<int>(key);
    if (value < 1) fail(path_ + key, "no length");
    return value;
  }

  InspectionRegion region(const char* key) const {
    try {
      return parse_inspection_region(text(key));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
      fail(path_ + key, "no region");
    }
  }

  std::array<float, 3> colour(const char* key) const {
    const Json& value = array(key, 3);
    std::array<float, 3> result = {};
    for (std::size_t i = 0; i < 3; ++i) {
      result[i] = static_cast<float>(number(value[i], key));
    }
    return result;
  }

  std::vector<std::string> texts(const char* key) const {
    const Json& value = at(key);
    std::vector<std::string> result;
    if (!value.is_array()) fail(path_ + key, "no list");
    for (const Json& item : value) {
      if (!item.is_string()) fail(path_ + key, "no list of texts");
      result.push_back(item.get<std::string>());
    }
    return result;
  }

  template <typename Value, std::size_t count>
  Value choice(const char* key, const Name<Value> (&names)[count]) const {
    const std::string name = text(key);
    for (const Name<Value>& known : names) {
      if (name == known.text) return known.value;
    }
    throw Error(ErrorCode::unsupported_file, "memory bank \"" + origin_ + "\" has \"" + path_ +
                                                 key + "\" set to \"" + name +
                                                 "\", which this program does not know: update it");
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& what) const {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin_ + "\" has " + what + " as \"" +
                                        path + "\": copy or train it again");
  }

  const Json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(path_ + key, "nothing");
    return *found;
  }

  const Json& array(const char* key, std::size_t size) const {
    const Json& value = at(key);
    if (!value.is_array() || value.size() != size) {
      fail(path_ + key, "no list of " + std::to_string(size) + " numbers");
    }
    return value;
  }

  double number(const Json& value, const char* key) const {
    if (!value.is_number()) fail(path_ + key, "no number");
    return value.get<double>();
  }

  template <typename Integer>
  Integer integer(const Json& value, const char* key) const {
    using Limits = std::numeric_limits<Integer>;
    if (value.is_number_unsigned()) {
      const auto number = value.get<std::uint64_t>();
      if (number <= static_cast<std::uint64_t>(Limits::max())) return static_cast<Integer>(number);
    } else if (value.is_number_integer() && Limits::is_signed) {
      const auto number = value.get<std::int64_t>();
      if (number >= static_cast<std::int64_t>(Limits::min())) return static_cast<Integer>(number);
    }
    fail(path_ + key, "no whole number of its range");
  }

  const Json& json_;
  const std::string path_;
  const std::string& origin_;
};

std::string own_version(int major) {
  return std::to_string(major) + '.' + std::to_string(bank_format_minor);
}

/// Looks at the major version alone: whatever follows it is for those who know that version.
/// @return it
int require_version(const Section& document, const std::string& origin) {
  const std::string version = document.text(version_key);
  int major = 0;
  const char* const end = version.data() + version.size();
  const auto [rest, problem] = std::from_chars(version.data(), end, major);
  const bool is_version = problem == std::errc() && major >= 0 && rest != end && *rest == '.';
  if (is_version && (major == bank_format_major || major == ensemble_format_major)) return major;
  if (!is_version) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin + "\" has \"" + version + "\" as \"" +
                                        version_key +
                                        "\", which is no version: copy or train it again");
  }
  throw Error(ErrorCode::unsupported_file,
              "memory bank \"" + origin + "\" has format version " + version +
                  ", this program reads versions " + std::to_string(bank_format_major) + " and " +
                  std::to_string(ensemble_format_major) + ": " +
                  (major > ensemble_format_major ? "update the program" : "train the bank again"));
}

void require_own_checksum(const Section& document, std::string json, const std::string& origin) {
  const std::string checksum = document.text(checksum_key);
  bool matches = checksum.size() == no_checksum.size() && checksum != no_checksum;
  if (matches) {
    for (std::size_t at = json.find(checksum); at != std::string::npos;
         at = json.find(checksum, at)) {
      json.replace(at, checksum.size(), no_checksum);
    }
    matches = sha256_of(json) == checksum;
  }
  if (!matches) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin +
                                        "\" has settings that differ from their checksum: it was "
                                        "altered; copy or train it again");
  }
}

Json preprocess_section(const BankFile& content) {
  const PreprocessOptions& preprocess = content.preprocess;
  const bool is_cropped = preprocess.crop && preprocess.mode != ResizeMode::area;
  const bool of_tiles = preprocess.tile_size > 0;
  Json section = {{"mode", name_of(resizings, {preprocess.mode, is_cropped, of_tiles})},
                  {"area_side", preprocess.area_side},
                  {"exact", pair(preprocess.exact)},
                  {"shorter_side", preprocess.shorter_side},
                  {"crop", pair(is_cropped ? *preprocess.crop : Size{})},
                  {"colour_order", name_of(colour_orders, ColourOrder::rgb)},
                  {"mean", preprocess.mean},
                  {"deviation", preprocess.deviation},
                  {"region", format_inspection_region(content.area.region)}};
  if (of_tiles) {
    section["tile_size"] = preprocess.tile_size;
    section["tile_overlap"] = preprocess.tile_overlap;
  }
  return section;
}

void parse_preprocess(const Section& section, BankFile& content) {
  PreprocessOptions& preprocess = content.preprocess;
  const Resizing resizing = section.choice("mode", resizings);
  preprocess.mode = resizing.mode;
  preprocess.area_side = section.integer<int>("area_side");
  preprocess.exact = section.size("exact");
  preprocess.shorter_side = section.integer<int>("shorter_side");
  preprocess.crop = section.size("crop");
  if (!resizing.is_cropped) preprocess.crop.reset();
  section.choice("colour_order", colour_orders);
  preprocess.mean = section.colour("mean");
  preprocess.deviation = section.colour("deviation");
  // New in 1.2.
  if (section.has("region")) content.area.region = section.region("region");
  // New in 1.4.
  preprocess.tile_size = resizing.of_tiles ? section.length("tile_size") : 0;
  if (resizing.of_tiles) preprocess.tile_overlap = section.number("tile_overlap");
}

Json search_section(const BankFile& content) {
  Json search = {{"index", name_of(indices, content.index)}};
  if (content.recall) {
    search["recall"] = content.recall->neighbours;
    search["mean_score_error"] = content.recall->mean_score_error;
    search["largest_score_error"] = content.recall->largest_score_error;
  }
  return search;
}

void parse_search(const Section& search, BankFile& content) {
  content.index = search.choice("index", indices);
  if (!search.has("recall")) return;
  content.recall = {search.number("recall"), search.number("mean_score_error"),
                    search.number("largest_score_error")};
}

Json calibration_section(const Calibration& calibration) {
  return {{"threshold", calibration.threshold},
          {"usual_score", calibration.usual_score},
          {"is_guess", calibration.is_guess},
          {"of_frames", calibration.of_frames}};
}

/// @param frames  that the bank was made from: older programs don't say whether any was held out
void parse_calibration(const Section& section, std::int64_t frames, Calibration& calibration) {
  calibration.threshold = section.number("threshold");
  calibration.usual_score = section.number("usual_score");
  calibration.is_guess = section.truth("is_guess");
  calibration.of_frames = section.has("of_frames") ? section.truth("of_frames") : frames > 1;
}

/// What a bank says of itself but the version, who wrote it, and checksums.
Json bank_sections(const BankFile& content) {
  const CoresetOptions& coreset = content.coreset;
  return {
      {"backbone",
       {{"name", content.backbone},
        {"layers", content.layers},
        {"precision", name_of(precisions, content.precision)},
        {"weights_sha256", content.weights_sha256}}},
      {"preprocess", preprocess_section(content)},
      {"embedding",
       {{"patch_size", content.embedding.patch_size},
        {"pretrain_embed_dimension", content.embedding.pretrain_embed_dimension},
        {"target_embed_dimension", content.embedding.target_embed_dimension}}},
      {"coreset",
       {{"sampler", name_of(samplers, coreset.sampler)},
        {"ratio", coreset.ratio},
        {"max_patches", coreset.max_patches},
        {"projection_dimension", coreset.projection_dimension},
        {"starting_points", coreset.starting_points},
        {"seed", coreset.seed}}},
      {"source",
       {{"frames", content.frames}, {"patches", content.patches}, {"thinned", content.thinned}}},
      {"scoring",
       {{"mode", name_of(score_modes, content.scoring.mode)},
        {"neighbours", content.scoring.neighbours},
        {"image_score", name_of(image_scores, content.scoring.image_score)}}},
      {"calibration", calibration_section(content.calibration)},
      {"search", search_section(content)},
  };
}

/// The counterpart of bank_sections().
void parse_bank_sections(const Section& document, BankFile& content) {
  const Section backbone = document.section("backbone");
  content.backbone = backbone.text("name");
  content.layers = backbone.texts("layers");
  // New in 1.1.
  if (backbone.has("precision")) content.precision = backbone.choice("precision", precisions);
  content.weights_sha256 = backbone.text("weights_sha256");

  parse_preprocess(document.section("preprocess"), content);

  const Section embedding = document.section("embedding");
  content.embedding.patch_size = embedding.integer<int>("patch_size");
  content.embedding.pretrain_embed_dimension = embedding.integer<int>("pretrain_embed_dimension");
  content.embedding.target_embed_dimension = embedding.integer<int>("target_embed_dimension");

  const Section coreset = document.section("coreset");
  content.coreset.sampler = coreset.choice("sampler", samplers);
  content.coreset.ratio = coreset.number("ratio");
  content.coreset.max_patches = coreset.integer<std::int64_t>("max_patches");
  content.coreset.projection_dimension = coreset.integer<int>("projection_dimension");
  content.coreset.starting_points = coreset.integer<int>("starting_points");
  content.coreset.seed = coreset.integer<std::uint64_t>("seed");

  const Section source = document.section("source");
  content.frames = source.integer<std::int64_t>("frames");
  content.patches = source.integer<std::int64_t>("patches");
  // New in 1.1.
  content.thinned = source.has("thinned") && source.truth("thinned");

  const Section scoring = document.section("scoring");
  content.scoring.mode = scoring.choice("mode", score_modes);
  content.scoring.neighbours = scoring.integer<int>("neighbours");
  // New in 1.1.
  if (scoring.has("image_score")) {
    content.scoring.image_score = scoring.choice("image_score", image_scores);
  }

  parse_calibration(document.section("calibration"), content.frames, content.calibration);

  // New in 1.1.
  if (document.has("search")) parse_search(document.section("search"), content);
}

Json document_begin(int major, const BankFile& content) {
  return {
      {version_key, own_version(major)},
      {"program_version", content.program_version},
      {"created", content.created},
  };
}

/// Puts the checksums behind everything else.
std::string seal(Json document, const std::string& tensors_sha256) {
  document["tensors_sha256"] = tensors_sha256;
  document[checksum_key] = no_checksum;
  std::string json;
  try {
    json = document.dump();
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::invalid_argument,
                std::string("a text of the memory bank is not UTF-8: ") + error.what());
  }
  // The last key: its value ends two characters before the end.
  const std::size_t position = json.size() - no_checksum.size() - 2;
  return json.replace(position, no_checksum.size(), sha256_of(json));
}

}  // namespace

std::string format_bank_settings(const BankFile& content, const std::string& tensors_sha256) {
  Json document = document_begin(bank_format_major, content);
  document.update(bank_sections(content));
  return seal(std::move(document), tensors_sha256);
}

std::string format_ensemble_settings(const BankEnsemble& content,
                                     const std::string& tensors_sha256) {
  if (content.members.size() == 1) {
    return format_bank_settings(content.members.front(), tensors_sha256);
  }
  Json document = document_begin(ensemble_format_major, content.members.front());
  Json& members = document["members"] = Json::array();
  for (const BankFile& member : content.members) members.push_back(bank_sections(member));
  document["calibration"] = calibration_section(content.calibration);
  return seal(std::move(document), tensors_sha256);
}

std::string parse_ensemble_settings(const std::string& json, const std::string& origin,
                                    BankEnsemble& content) {
  const Json parsed = json.size() <= max_document_size ? Json::parse(json, nullptr, false) : Json();
  if (!parsed.is_object()) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin +
                                        "\" has settings that are no JSON object: copy or train "
                                        "it again");
  }
  const Section document(parsed, "", origin);
  const int major = require_version(document, origin);
  require_own_checksum(document, json, origin);

  content = {};
  if (major == bank_format_major) {
    parse_bank_sections(document, content.members.emplace_back());
    content.calibration = content.members.front().calibration;
  } else {
    for (const Section& member : document.sections("members")) {
      parse_bank_sections(member, content.members.emplace_back());
    }
    parse_calibration(document.section("calibration"), content.members.front().frames,
                      content.calibration);
  }
  for (BankFile& member : content.members) {
    member.checksum = document.text(checksum_key);
    member.program_version = document.text("program_version");
    member.created = document.text("created");
  }
  return document.text("tensors_sha256");
}

std::string parse_bank_settings(const std::string& json, const std::string& origin,
                                BankFile& content) {
  BankEnsemble ensemble;
  const std::string tensors_sha256 = parse_ensemble_settings(json, origin, ensemble);
  content = single_bank(std::move(ensemble), origin);
  return tensors_sha256;
}

}  // namespace patchcore
