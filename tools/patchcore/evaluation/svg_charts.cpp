// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Charts as SVG, for a page.
#include "tools/patchcore/evaluation/svg_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace patchcore {
namespace {

constexpr double width = 420;
constexpr double height = 260;
constexpr double left = 44;
constexpr double right = 12;
constexpr double top = 26;
constexpr double bottom = 32;
constexpr double plot_width = width - left - right;
constexpr double plot_height = height - top - bottom;
constexpr std::size_t bins = 40;
constexpr const char* good_colour = "#2a7f3f";
constexpr const char* bad_colour = "#c0392b";

std::string text_of(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

/// Of a position in the chart.
std::string at(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\">" +
         escape_html(text) + "</text>";
}

std::string frame(const std::string& name, const std::string& content) {
  return "<svg class=\"chart\" role=\"img\" aria-label=\"" + name + "\" viewBox=\"0 0 " +
         at(width) + " " + at(height) + "\"><rect class=\"plot\" x=\"" + at(left) + "\" y=\"" +
         at(top) + "\" width=\"" + at(plot_width) + "\" height=\"" + at(plot_height) + "\"/>" +
         content + "</svg>";
}

struct Bin {
  std::size_t good = 0;
  std::size_t bad = 0;
};

}  // namespace

std::string score_histogram(const std::vector<LabelledScore>& scores,
                            const std::vector<ScoreMark>& marks) {
  double lowest = scores.front().score;
  double highest = lowest;
  const auto widen = [&](double score) {
    lowest = std::min(lowest, score);
    highest = std::max(highest, score);
  };
  for (const LabelledScore& score : scores) widen(score.score);
  for (const ScoreMark& mark : marks) widen(mark.score);
  if (!(highest > lowest)) highest = lowest + 1;
  const auto share = [&](double score) { return (score - lowest) / (highest - lowest); };

  std::array<Bin, bins> counts{};
  for (const LabelledScore& score : scores) {
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(bins * share(score.score)));
    ++(score.anomalous ? counts[bin].bad : counts[bin].good);
  }
  std::size_t most = 1;
  for (const Bin& bin : counts) most = std::max({most, bin.good, bin.bad});

  std::string content;
  const double bar = plot_width / bins;
  for (std::size_t i = 0; i < bins; ++i) {
    for (const auto& [count, colour] :
         {std::pair(counts[i].good, good_colour), std::pair(counts[i].bad, bad_colour)}) {
      if (count == 0) continue;
      const double length = plot_height * static_cast<double>(count) / static_cast<double>(most);
      content += "<rect x=\"" + at(left + bar * static_cast<double>(i)) + "\" y=\"" +
                 at(top + plot_height - length) + "\" width=\"" + at(bar) + "\" height=\"" +
                 at(length) + "\" fill=\"" + colour + "\" fill-opacity=\"0.6\"/>";
    }
  }
  for (const ScoreMark& mark : marks) {
    const double x = left + plot_width * share(mark.score);
    content += "<line class=\"mark\" x1=\"" + at(x) + "\" x2=\"" + at(x) + "\" y1=\"" + at(top) +
               "\" y2=\"" + at(top + plot_height) + "\"/>" +
               label(x, top - 6, share(mark.score) > 0.6 ? "end" : "start",
                     mark.label + " " + text_of(mark.score));
  }
  content += label(left, height - 12, "start", text_of(lowest)) +
             label(left + plot_width, height - 12, "end", text_of(highest)) +
             label(left + plot_width / 2, height - 12, "middle", "score") +
             label(left - 6, top + 10, "end", std::to_string(most)) +
             label(left - 6, top + plot_height, "end", "0");
  return frame("Histogram of scores", content);
}

std::string roc_chart(const std::vector<RocPoint>& points) {
  std::string line;
  for (const RocPoint& point : points) {
    line += at(left + plot_width * point.false_positive_rate) + "," +
            at(top + plot_height * (1 - point.true_positive_rate)) + " ";
  }
  const std::string diagonal = "<line class=\"chance\" x1=\"" + at(left) + "\" y1=\"" +
                               at(top + plot_height) + "\" x2=\"" + at(left + plot_width) +
                               "\" y2=\"" + at(top) + "\"/>";
  return frame("ROC curve",
               diagonal + "<polyline class=\"roc\" points=\"" + line + "\"/>" +
                   label(left - 6, top + 10, "end", "1") +
                   label(left - 6, top + plot_height, "end", "0") +
                   label(left + plot_width, height - 12, "end", "1") +
                   label(left + plot_width / 2, height - 12, "middle", "false positive rate") +
                   label(left, top - 8, "start", "true positive rate"));
}

std::string escape_html(const std::string& text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

}  // namespace patchcore
