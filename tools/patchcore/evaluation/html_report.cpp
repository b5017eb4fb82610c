// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An evaluation as one page that needs nothing else.
#include "tools/patchcore/evaluation/html_report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/types.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/evaluation/base64.h"
#include "tools/patchcore/evaluation/picture_sheet.h"
#include "tools/patchcore/evaluation/svg_charts.h"

namespace patchcore {
namespace {

constexpr const char* style = R"(
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1120px; padding: 0 1em;
       color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
tr.mean { font-weight: bold; }
.charts { display: flex; flex-wrap: wrap; gap: 1em; }
svg.chart { width: 460px; max-width: 100%; font: 11px system-ui, sans-serif; }
svg .plot { fill: #f7f7f7; stroke: #ccc; }
svg .mark { stroke: #222; stroke-dasharray: 4 3; }
svg .chance { stroke: #bbb; stroke-dasharray: 4 3; }
svg .roc { fill: none; stroke: #1f5fa8; stroke-width: 2; }
figure { margin: 1em 0; }
figure img { max-width: 100%; }
.wrong { color: #c0392b; font-weight: bold; }
.good { color: #2a7f3f; } .bad { color: #c0392b; }
.notes { color: #8a5a00; }
)";

std::string format(const char* pattern, double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

std::string figure_text(const std::optional<double>& value) {
  return value ? format("%.4f", *value) : "&ndash;";
}

std::string figure_table(const std::vector<CategoryResult>& results) {
  std::string table = "<table><tr><th>Category</th>";
  for (const Figure& figure : all_figures()) {
    table += "<th>" + std::string(figure.title) + "</th>";
  }
  table += "</tr>";
  for (const CategoryResult& result : results) {
    table += "<tr><td>" + escape_html(result.name) + "</td>";
    for (const Figure& figure : all_figures()) {
      table += "<td>" + figure_text(figure.of(result)) + "</td>";
    }
    table += "</tr>";
  }
  table += "<tr class=\"mean\"><td>Mean</td>";
  for (const Figure& figure : all_figures()) {
    table += "<td>" + figure_text(mean_figure(figure, results)) + "</td>";
  }
  return table + "</tr></table>";
}

std::string list(const std::string& css_class, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = "<ul class=\"" + css_class + "\">";
  for (const std::string& line : lines) text += "<li>" + escape_html(line) + "</li>";
  return text + "</ul>";
}

std::string bank_text(const CategoryResult& result) {
  const BankResult& bank = result.bank;
  std::size_t good = 0;
  for (const PictureResult& picture : result.pictures) good += picture.anomalous ? 0 : 1;
  std::string sizes;
  for (const std::string& size : result.input_sizes) sizes += (sizes.empty() ? "" : ", ") + size;
  std::string text = "<p>" + escape_html(bank.backbone) + " at " + sizes + ", trained with " +
                     count_of(static_cast<std::size_t>(bank.training_pictures), "picture");
  if (bank.training_seconds) text += " in " + format("%.1f s", *bank.training_seconds);
  text += "; bank of " + std::to_string(bank.patches) + " &times; " +
          std::to_string(bank.dimension) + "; threshold " + format("%.5g", bank.threshold) +
          ". Tested with " + std::to_string(good) + " good and " +
          std::to_string(result.pictures.size() - good) + " defective pictures, " +
          format("%.1f ms", 1000 * result.detection_seconds) + " each.";
  if (result.pixels.full) {
    text += " Pixel figures over " + count_of(result.pixel_pictures, "picture") + ", " +
            std::to_string(result.pixels.pixels) + " pixels, of which " +
            std::to_string(result.pixels.anomalous_pixels) + " are defective, in " +
            count_of(result.pixels.regions, "region") + ".";
  }
  return text + "</p>";
}

std::string charts(const CategoryResult& result) {
  const std::vector<LabelledScore> scores = labelled_scores(result);
  if (scores.empty()) return "";
  std::vector<ScoreMark> marks = {{result.bank.threshold, "threshold"}};
  std::string text = "<div class=\"charts\">" + score_histogram(scores, marks);
  const std::vector<RocPoint> roc = roc_curve(scores);
  if (!roc.empty()) text += roc_chart(roc);
  text +=
      "</div><p><span class=\"good\">&#9632; good</span> <span class=\"bad\">&#9632; "
      "defective</span>";
  if (result.image) {
    text += "; F1 is best, " + format("%.4f", result.image->best_f1) + ", at a threshold of " +
            format("%.5g", result.image->best_f1_threshold);
  }
  return text + "</p>";
}

std::string caption(const CategoryResult& result, const PictureResult& picture) {
  const double threshold = result.bank.threshold;
  const bool called = picture.score >= threshold;
  std::string text = escape_html(picture.type + "/" + last_name(picture.path)) + ": score " +
                     format("%.5g", picture.score) + ", " +
                     format("%.2f", relative_score(picture.score, threshold)) +
                     " of the threshold, ";
  if (called == picture.anomalous) return text + (called ? "found" : "passed");
  return text + "<span class=\"wrong\">" + (called ? "false alarm" : "missed") + "</span>";
}

std::string worst(const CategoryResult& result, const SheetReader& read_sheet) {
  std::string text;
  for (const std::size_t index : result.worst) {
    const PictureResult& picture = result.pictures[index];
    if (picture.sheet.empty()) continue;
    const std::vector<std::uint8_t> png = read_sheet(result, picture.sheet);
    if (png.empty()) continue;
    text +=
        "<figure><img alt=\"picture, mask, anomaly map, overlay\" "
        "src=\"data:image/jpeg;base64," +
        base64(sheet_as_jpeg(png)) + "\"/><figcaption>" + caption(result, picture) +
        "</figcaption></figure>";
  }
  if (text.empty()) return "";
  return "<h3>Worst pictures</h3><p>Good ones with the highest scores and defective ones with the "
         "lowest: picture, mask, anomaly map, overlay.</p>" +
         text;
}

}  // namespace

std::string html_report(const std::vector<CategoryResult>& results,
                        const std::vector<CategoryFailure>& failures,
                        const nlohmann::ordered_json& settings, const SheetReader& read_sheet) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
      "<title>PatchCore evaluation</title><style>" +
      std::string(style) + "</style></head><body><h1>PatchCore evaluation</h1>";
  if (!failures.empty()) {
    std::vector<std::string> lines;
    for (const CategoryFailure& failure : failures) {
      lines.push_back(failure.name + " could not be evaluated: " + failure.reason);
    }
    page += list("wrong", lines);
  }
  page += figure_table(results);
  for (const CategoryResult& result : results) {
    page += "\n<h2>" + escape_html(result.name) + "</h2>" + bank_text(result) +
            list("notes", result.notes) + charts(result) + worst(result, read_sheet);
  }
  return page + "\n<h2>Settings</h2><pre>" + escape_html(json_text(settings)) +
         "</pre></body></html>\n";
}

}  // namespace patchcore
