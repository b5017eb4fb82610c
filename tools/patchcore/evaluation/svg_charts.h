// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Charts as SVG, for a page.
#pragma once

#include <string>
#include <vector>

#include "tools/patchcore/evaluation/ranking_curve.h"

namespace patchcore {

/// A line that marks a score.
struct ScoreMark {
  double score = 0;
  std::string label;
};

/// How often scores occur: good ones in one colour, anomalous ones in another, both from zero.
/// @param scores  at least one, finite
/// @param marks   those beyond the scores widen the axis
std::string score_histogram(const std::vector<LabelledScore>& scores,
                            const std::vector<ScoreMark>& marks);

/// True positives over false positives.
std::string roc_chart(const std::vector<RocPoint>& points);

/// Text as it may stand in HTML and SVG, in quotes, too.
std::string escape_html(const std::string& text);

}  // namespace patchcore
