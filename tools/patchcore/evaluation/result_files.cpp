// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Tables and JSON of an evaluation.
#include "tools/patchcore/evaluation/result_files.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "core/types.h"
#include "tools/patchcore/datasets/csv_table.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

/// The shortest text that is read back as the same number.
std::string number_text(double value) {
  return Json(value).dump();
}

std::string number_text(const std::optional<double>& value) {
  return value ? number_text(*value) : "";
}

}  // namespace

std::string results_csv(const std::vector<CategoryResult>& results) {
  std::vector<std::string> header = {"Row Names"};
  std::vector<std::string> mean = {"Mean"};
  std::vector<std::vector<std::string>> rows;
  for (const CategoryResult& result : results) rows.push_back({result.name});
  for (const Figure& figure : all_figures()) {
    if (!figure.published) continue;
    header.emplace_back(figure.name);
    for (std::size_t i = 0; i < results.size(); ++i) {
      rows[i].push_back(number_text(figure.of(results[i])));
    }
    mean.push_back(number_text(mean_figure(figure, results)));
  }
  std::string text = format_csv_line(header);
  for (const auto& row : rows) text += format_csv_line(row);
  return text + format_csv_line(mean);
}

nlohmann::ordered_json results_json(const std::vector<CategoryResult>& results,
                                    const std::vector<CategoryFailure>& failures,
                                    const nlohmann::ordered_json& settings) {
  Json json = {{"program_version", PATCHCORE_VERSION}, {"settings", settings}};
  for (const Figure& figure : all_figures()) {
    const auto mean = mean_figure(figure, results);
    json["mean"][figure.name] = mean ? Json(*mean) : Json(nullptr);
  }
  json["categories"] = Json::array();
  for (const CategoryResult& result : results) {
    Json category = category_json(result);
    // These are in the category's own files.
    category.erase("pictures");
    category.erase("worst");
    json["categories"].push_back(category);
  }
  json["failed"] = Json::array();
  for (const CategoryFailure& failure : failures) {
    json["failed"].push_back({{"name", failure.name}, {"reason", failure.reason}});
  }
  return json;
}

std::string scores_csv(const CategoryResult& result) {
  std::string text = format_csv_line(
      {"picture", "type", "anomalous", "score", "relative_score", "called_anomalous"});
  const double threshold = result.bank.threshold;
  for (const PictureResult& picture : result.pictures) {
    text += format_csv_line({picture.path, picture.type, picture.anomalous ? "1" : "0",
                             number_text(picture.score),
                             number_text(relative_score(picture.score, threshold)),
                             picture.score >= threshold ? "1" : "0"});
  }
  return text;
}

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace patchcore
