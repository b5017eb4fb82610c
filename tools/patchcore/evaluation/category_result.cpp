// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What came of the evaluation of a category.
#include "tools/patchcore/evaluation/category_result.h"

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_number(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<double>(json.get<double>());
}

Json ranking_json(const std::optional<RankingFigures>& figures) {
  if (!figures) return nullptr;
  return {{"auroc", figures->auroc},
          {"average_precision", figures->average_precision},
          {"best_f1", figures->best_f1},
          {"best_f1_threshold", figures->best_f1_threshold}};
}

std::optional<RankingFigures> parse_ranking(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return RankingFigures{json.at("auroc"), json.at("average_precision"), json.at("best_f1"),
                        json.at("best_f1_threshold")};
}

Json pixels_json(const CategoryResult& result) {
  const PixelFigures& pixels = result.pixels;
  return {{"pictures", result.pixel_pictures},
          {"pixels", pixels.pixels},
          {"anomalous_pixels", pixels.anomalous_pixels},
          {"regions", pixels.regions},
          {"full", ranking_json(pixels.full)},
          {"full_pro", or_null(pixels.full_pro)},
          {"anomaly_auroc", or_null(pixels.anomaly_auroc)},
          {"anomaly_pro", or_null(pixels.anomaly_pro)}};
}

void parse_pixels(const Json& json, CategoryResult& result) {
  result.pixel_pictures = json.at("pictures");
  PixelFigures& pixels = result.pixels;
  pixels.pixels = json.at("pixels");
  pixels.anomalous_pixels = json.at("anomalous_pixels");
  pixels.regions = json.at("regions");
  pixels.full = parse_ranking(json.at("full"));
  pixels.full_pro = optional_number(json.at("full_pro"));
  pixels.anomaly_auroc = optional_number(json.at("anomaly_auroc"));
  pixels.anomaly_pro = optional_number(json.at("anomaly_pro"));
}

CategoryResult from_json(const Json& json) {
  CategoryResult result;
  result.name = json.at("name");
  result.folder = json.at("folder");
  const Json& bank = json.at("bank");
  result.bank = {bank.at("backbone"),
                 bank.at("training_pictures"),
                 bank.at("patches"),
                 bank.at("dimension"),
                 bank.at("threshold"),
                 bank.at("threshold_is_guess"),
                 optional_number(bank.at("training_seconds"))};
  result.detection_seconds = json.at("detection_seconds");
  result.input_sizes = json.at("input_sizes").get<std::vector<std::string>>();
  result.image = parse_ranking(json.at("image"));
  result.f1_at_threshold = optional_number(json.at("image_f1_at_threshold"));
  parse_pixels(json.at("pixels"), result);
  result.notes = json.at("notes").get<std::vector<std::string>>();
  for (const Json& picture : json.at("pictures")) {
    result.pictures.push_back({picture.at("path"), picture.at("type"), picture.at("anomalous"),
                               picture.at("score"), picture.at("sheet")});
  }
  for (const Json& index : json.at("worst")) {
    result.worst.push_back(index);
    if (result.worst.back() >= result.pictures.size()) throw std::out_of_range("worst");
  }
  return result;
}

}  // namespace

std::vector<LabelledScore> labelled_scores(const CategoryResult& result) {
  std::vector<LabelledScore> scores;
  for (const PictureResult& picture : result.pictures) {
    scores.push_back({picture.score, picture.anomalous});
  }
  return scores;
}

nlohmann::ordered_json category_json(const CategoryResult& result) {
  Json figures;
  for (const Figure& figure : all_figures()) figures[figure.name] = or_null(figure.of(result));
  Json pictures = Json::array();
  for (const PictureResult& picture : result.pictures) {
    pictures.push_back({{"path", picture.path},
                        {"type", picture.type},
                        {"anomalous", picture.anomalous},
                        {"score", picture.score},
                        {"sheet", picture.sheet}});
  }
  const BankResult& bank = result.bank;
  return {{"name", result.name},
          {"folder", result.folder},
          {"figures", figures},
          {"bank",
           {{"backbone", bank.backbone},
            {"training_pictures", bank.training_pictures},
            {"patches", bank.patches},
            {"dimension", bank.dimension},
            {"threshold", bank.threshold},
            {"threshold_is_guess", bank.threshold_is_guess},
            {"training_seconds", or_null(bank.training_seconds)}}},
          {"detection_seconds", result.detection_seconds},
          {"input_sizes", result.input_sizes},
          {"image", ranking_json(result.image)},
          {"image_f1_at_threshold", or_null(result.f1_at_threshold)},
          {"pixels", pixels_json(result)},
          {"notes", result.notes},
          {"worst", result.worst},
          {"pictures", pictures}};
}

CategoryResult parse_category(const std::string& json, const std::string& origin) {
  try {
    return from_json(Json::parse(json));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::corrupt, "\"" + origin + "\" is no result of a category (" +
                                        error.what() + "): delete it to evaluate it again");
  }
}

const std::vector<Figure>& all_figures() {
  using Result = const CategoryResult&;
  using Number = std::optional<double>;
  static const std::vector<Figure> figures = {
      {"instance_auroc", "Image AUROC", true,
       [](Result r) { return r.image ? Number(r.image->auroc) : std::nullopt; }},
      {"full_pixel_auroc", "Pixel AUROC", true,
       [](Result r) { return r.pixels.full ? Number(r.pixels.full->auroc) : std::nullopt; }},
      {"anomaly_pixel_auroc", "Pixel AUROC, defective pictures", true,
       [](Result r) { return r.pixels.anomaly_auroc; }},
      {"instance_average_precision", "Image AP", false,
       [](Result r) { return r.image ? Number(r.image->average_precision) : std::nullopt; }},
      {"instance_best_f1", "Image F1, best", false,
       [](Result r) { return r.image ? Number(r.image->best_f1) : std::nullopt; }},
      {"instance_f1_at_threshold", "Image F1, bank's threshold", false,
       [](Result r) { return r.f1_at_threshold; }},
      {"full_pro", "PRO to 0.3", false, [](Result r) { return r.pixels.full_pro; }},
      {"anomaly_pro", "PRO to 0.3, defective pictures", false,
       [](Result r) { return r.pixels.anomaly_pro; }},
      {"full_pixel_average_precision", "Pixel AP", false,
       [](Result r) {
         return r.pixels.full ? Number(r.pixels.full->average_precision) : std::nullopt;
       }},
      {"full_pixel_best_f1", "Pixel F1, best", false,
       [](Result r) { return r.pixels.full ? Number(r.pixels.full->best_f1) : std::nullopt; }},
  };
  return figures;
}

std::optional<double> mean_figure(const Figure& figure,
                                  const std::vector<CategoryResult>& results) {
  double sum = 0;
  std::size_t count = 0;
  for (const CategoryResult& result : results) {
    if (const auto value = figure.of(result)) {
      sum += *value;
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

}  // namespace patchcore
