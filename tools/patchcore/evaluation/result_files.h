// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Tables and JSON of an evaluation.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/patchcore/evaluation/category_result.h"

namespace patchcore {

/// What could not be evaluated.
struct CategoryFailure {
  std::string name;
  std::string reason;
};

/// The published results.csv: its column names, a row for each category, then the row "Mean".
/// Figures that do not exist are empty, and not in the mean.
std::string results_csv(const std::vector<CategoryResult>& results);

/// All figures of all categories and their means, with the settings.
nlohmann::ordered_json results_json(const std::vector<CategoryResult>& results,
                                    const std::vector<CategoryFailure>& failures,
                                    const nlohmann::ordered_json& settings);

/// One row for each picture of a category: picture, type, anomalous, score, relative score and
/// whether the bank's threshold calls it anomalous.
std::string scores_csv(const CategoryResult& result);

/// JSON with line breaks; text that is no UTF-8 is replaced.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace patchcore
