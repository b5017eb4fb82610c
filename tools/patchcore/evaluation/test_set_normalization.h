// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores and maps of an ensemble normalized over the test set, as published.
#pragma once

#include <limits>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// As the published code combines the members of an ensemble: of each, the scores of all test
/// pictures are brought to 0 for the smallest and 1 for the largest, the maps likewise by the
/// smallest and largest value of all of them, and the mean over the members is taken. What a
/// picture's figure is depends on the others then: this is for evaluation alone. A single bank
/// counts as an ensemble of one.
class TestSetNormalization {
 public:
  /// One picture.
  /// @param members  the same number for all pictures
  /// @param size     of the full map
  /// @param share_seen  as full_anomaly_map()
  void add(const std::vector<MemberScore>& members, Size size, double share_seen = 1);

  // After all were added.

  double score(const std::vector<MemberScore>& members) const;

  /// The full map.
  ScoreMap map(const std::vector<MemberScore>& members, Size size, double share_seen = 1) const;

  /// The score of a picture that every member gives such a score.
  double score(const std::vector<double>& scores) const;

 private:
  struct Range {
    double smallest = std::numeric_limits<double>::infinity();
    double largest = -std::numeric_limits<double>::infinity();

    void add(double value);
    /// 0 where all are the same.
    double normalized(double value) const;
  };

  std::vector<Range> scores_;  ///< of each member
  std::vector<Range> maps_;
};

}  // namespace patchcore
