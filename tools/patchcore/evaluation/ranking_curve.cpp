// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Figures of how well scores tell anomalous from normal, over all thresholds.
#include "tools/patchcore/evaluation/ranking_curve.h"

#include <algorithm>
#include <cstddef>

namespace patchcore {
namespace {

struct Totals {
  std::uint64_t normal = 0;
  std::uint64_t anomalous = 0;

  bool both() const { return normal > 0 && anomalous > 0; }
};

Totals count(const std::vector<LabelledScore>& scores) {
  Totals totals;
  for (const LabelledScore& score : scores) ++(score.anomalous ? totals.anomalous : totals.normal);
  return totals;
}

/// Highest score first, equal ones together.
std::vector<RankingStep> steps_of(std::vector<LabelledScore> scores) {
  std::sort(scores.begin(), scores.end(),
            [](const LabelledScore& a, const LabelledScore& b) { return a.score > b.score; });
  std::vector<RankingStep> steps;
  for (const LabelledScore& score : scores) {
    if (steps.empty() || steps.back().score != score.score) steps.push_back({score.score, 0, 0});
    ++(score.anomalous ? steps.back().anomalous : steps.back().normal);
  }
  return steps;
}

double share(std::uint64_t part, std::uint64_t all) {
  return static_cast<double>(part) / static_cast<double>(all);
}

double f1(std::uint64_t true_positives, std::uint64_t false_positives, std::uint64_t anomalous) {
  return share(2 * true_positives, true_positives + false_positives + anomalous);
}

}  // namespace

void RankingCurve::add(const RankingStep& step) {
  const std::uint64_t before = anomalous_;
  normal_ += step.normal;
  anomalous_ += step.anomalous;
  area_ += static_cast<double>(step.normal) * static_cast<double>(before + anomalous_) / 2;
  if (step.anomalous > 0) {
    precision_ += static_cast<double>(step.anomalous) * share(anomalous_, anomalous_ + normal_);
  }
  const double f1_here = f1(anomalous_, normal_, all_anomalous_);
  if (f1_here >= best_.best_f1) {
    best_.best_f1 = f1_here;
    best_.best_f1_threshold = step.score;
  }
}

std::optional<RankingFigures> RankingCurve::figures() const {
  if (all_normal_ == 0 || all_anomalous_ == 0) return std::nullopt;
  RankingFigures figures = best_;
  figures.auroc = area_ / static_cast<double>(all_normal_) / static_cast<double>(all_anomalous_);
  figures.average_precision = precision_ / static_cast<double>(all_anomalous_);
  return figures;
}

std::optional<RankingFigures> ranking_figures(const std::vector<LabelledScore>& scores) {
  const Totals totals = count(scores);
  RankingCurve curve(totals.normal, totals.anomalous);
  for (const RankingStep& step : steps_of(scores)) curve.add(step);
  return curve.figures();
}

std::optional<double> f1_at(const std::vector<LabelledScore>& scores, double threshold) {
  const Totals totals = count(scores);
  if (!totals.both()) return std::nullopt;
  Totals above;
  for (const LabelledScore& score : scores) {
    if (score.score >= threshold) ++(score.anomalous ? above.anomalous : above.normal);
  }
  return f1(above.anomalous, above.normal, totals.anomalous);
}

std::vector<RocPoint> roc_curve(const std::vector<LabelledScore>& scores) {
  const Totals totals = count(scores);
  if (!totals.both()) return {};
  std::vector<RocPoint> points = {{0, 0}};
  Totals above;
  for (const RankingStep& step : steps_of(scores)) {
    above.normal += step.normal;
    above.anomalous += step.anomalous;
    points.push_back(
        {share(above.normal, totals.normal), share(above.anomalous, totals.anomalous)});
  }
  return points;
}

}  // namespace patchcore
