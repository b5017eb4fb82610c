// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Figures of how well scores tell anomalous from normal, over all thresholds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace patchcore {

/// What lies at one score.
struct RankingStep {
  double score = 0;
  std::uint64_t normal = 0;     ///< how many that are normal have this score
  std::uint64_t anomalous = 0;  ///< how many that are not
};

struct RankingFigures {
  double auroc = 0;
  double average_precision = 0;
  double best_f1 = 0;
  double best_f1_threshold = 0;  ///< scores at or above it count as anomalous; the lowest of equals
};

/// Walks down the scores and sums up, in constant memory. With the thresholds t from high to low,
/// TP(t) and FP(t) the numbers of anomalous and normal ones that score t or more, P and N all of
/// them:
///
///   AUROC = sum (FP(t) - FP(t')) (TP(t) + TP(t')) / 2 / (P N)       t' is the threshold before t
///   AP    = sum (TP(t) - TP(t')) / P * TP(t) / (TP(t) + FP(t))
///   F1(t) = 2 TP(t) / (TP(t) + FP(t) + P)
///
/// Equal scores are one threshold. The first is the area of Fawcett, "An introduction to ROC
/// analysis", 2006, algorithm 3; all are what scikit-learn's roc_auc_score, average_precision_score
/// and precision_recall_curve give.
class RankingCurve {
 public:
  /// @param normal,anomalous  N and P
  RankingCurve(std::uint64_t normal, std::uint64_t anomalous)
      : all_normal_(normal), all_anomalous_(anomalous) {}

  /// Scores come in strictly descending order.
  void add(const RankingStep& step);

  /// After all are added. Nothing unless there are both kinds.
  std::optional<RankingFigures> figures() const;

 private:
  std::uint64_t all_normal_;
  std::uint64_t all_anomalous_;
  std::uint64_t normal_ = 0;     ///< at or above the latest score
  std::uint64_t anomalous_ = 0;  ///< at or above the latest score
  double area_ = 0;
  double precision_ = 0;
  RankingFigures best_;
};

/// Of one picture.
struct LabelledScore {
  double score = 0;
  bool anomalous = false;
};

/// The figures of a list. Nothing unless there are both kinds.
std::optional<RankingFigures> ranking_figures(const std::vector<LabelledScore>& scores);

/// F1 where scores at or above @p threshold count as anomalous. Nothing unless there are both
/// kinds.
std::optional<double> f1_at(const std::vector<LabelledScore>& scores, double threshold);

struct RocPoint {
  double false_positive_rate = 0;
  double true_positive_rate = 0;
};

/// From (0, 0) to (1, 1), one point for each score. Empty unless there are both kinds.
std::vector<RocPoint> roc_curve(const std::vector<LabelledScore>& scores);

}  // namespace patchcore
