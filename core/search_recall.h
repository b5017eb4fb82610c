// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much of what is near an approximate index finds.
#pragma once

#include <cstddef>
#include <optional>

#include "core/types.h"

namespace patchcore {

/// Of an index, beside exact search, on the patches of some frames.
struct SearchRecall {
  double neighbours = 1;           ///< share of the k nearest that are found, 0 to 1
  double mean_score_error = 0;     ///< of the frames' scores, relative
  double largest_score_error = 0;  ///< of the frames' scores, relative
};

/// The worse of both in each respect, where there are both.
std::optional<SearchRecall> worse_recall(const std::optional<SearchRecall>& a,
                                         const std::optional<SearchRecall>& b);

/// Two results of the same frame.
struct SearchComparison {
  const Neighbours& found;
  double score;  ///< from what was found
  const Neighbours& exact;
  double exact_score;
};

/// Sums up over frames.
class RecallMeasurement {
 public:
  /// A neighbour counts as found if it is not farther than the k-th nearest: of several at the same
  /// distance, any is right. Errors are relative to the larger score, so they are 0 to 1.
  /// @throws Error invalid_argument if the two results are not of one shape
  void add(const SearchComparison& frame);

  std::size_t frames() const { return frames_; }

  /// @throws Error invalid_argument before the first frame
  SearchRecall result() const;

 private:
  std::size_t frames_ = 0;
  std::size_t neighbours_ = 0;
  std::size_t found_ = 0;
  double sum_of_errors_ = 0;
  double largest_error_ = 0;
};

}  // namespace patchcore
