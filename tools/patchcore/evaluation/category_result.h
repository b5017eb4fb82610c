// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What came of the evaluation of a category.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/patchcore/evaluation/pixel_figures.h"
#include "tools/patchcore/evaluation/ranking_curve.h"

namespace patchcore {

struct PictureResult {
  std::string path;
  std::string type;        ///< of the defect, or what the data set calls good
  bool anomalous = false;  ///< as the data set says
  double score = 0;        ///< raw
  std::string sheet;       ///< picture file in the category's result folder; empty: none
};

/// What the bank says of itself, and the clock.
struct BankResult {
  std::string backbone;
  std::int64_t training_pictures = 0;
  std::int64_t patches = 0;
  std::int64_t dimension = 0;
  double threshold = 0;
  bool threshold_is_guess = false;
  std::optional<double> training_seconds;  ///< not known of a bank that was there
};

struct CategoryResult {
  std::string name;
  std::string folder;  ///< of its pictures
  BankResult bank;
  double detection_seconds = 0;          ///< for a picture, reading apart: the median
  std::vector<std::string> input_sizes;  ///< of the network, "256x256", those that occurred
  std::vector<PictureResult> pictures;
  std::optional<RankingFigures> image;
  std::optional<double> f1_at_threshold;  ///< at the bank's
  std::size_t pixel_pictures = 0;         ///< in the pixel figures: good ones and those with a mask
  PixelFigures pixels;
  std::vector<std::size_t> worst;  ///< indices of pictures that are on, or nearest to, the wrong
                                   ///< side of the threshold, worst first, good and bad in turns
  std::vector<std::string> notes;  ///< what the user should know, one sentence each
};

/// The scores of all pictures.
std::vector<LabelledScore> labelled_scores(const CategoryResult& result);

/// The whole of it.
nlohmann::ordered_json category_json(const CategoryResult& result);

/// Reads it back.
/// @param origin  the file, for messages
/// @throws Error corrupt
CategoryResult parse_category(const std::string& json, const std::string& origin);

/// A figure from 0 to 1, the more the better.
struct Figure {
  const char* name;   ///< the published one's where there is one
  const char* title;  ///< for people
  bool published;     ///< in the published results.csv
  std::optional<double> (*of)(const CategoryResult& result);
};

/// All figures, the published ones first.
const std::vector<Figure>& all_figures();

/// Over the categories that have it.
std::optional<double> mean_figure(const Figure& figure, const std::vector<CategoryResult>& results);

}  // namespace patchcore
