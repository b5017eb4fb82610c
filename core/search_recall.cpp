// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How much of what is near an approximate index finds.
#include "core/search_recall.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace patchcore {

std::optional<SearchRecall> worse_recall(const std::optional<SearchRecall>& a,
                                         const std::optional<SearchRecall>& b) {
  if (!a || !b) return a ? a : b;
  return SearchRecall{std::min(a->neighbours, b->neighbours),
                      std::max(a->mean_score_error, b->mean_score_error),
                      std::max(a->largest_score_error, b->largest_score_error)};
}

void RecallMeasurement::add(const SearchComparison& frame) {
  const Neighbours& found = frame.found;
  const Neighbours& exact = frame.exact;
  if (found.queries != exact.queries || found.k != exact.k || exact.queries == 0 || exact.k == 0) {
    throw Error(ErrorCode::invalid_argument,
                "a recall from " + std::to_string(found.queries) + " x " + std::to_string(found.k) +
                    " neighbours that were found and " + std::to_string(exact.queries) + " x " +
                    std::to_string(exact.k) + " exact ones");
  }
  for (std::size_t query = 0; query < exact.queries; ++query) {
    const float farthest = exact.distances[(query + 1) * exact.k - 1];
    for (std::size_t n = query * exact.k; n < (query + 1) * exact.k; ++n) {
      if (found.distances[n] <= farthest) ++found_;
    }
  }
  neighbours_ += exact.queries * exact.k;
  const double larger = std::max(frame.score, frame.exact_score);
  const double error = larger > 0 ? std::abs(frame.score - frame.exact_score) / larger : 0;
  sum_of_errors_ += error;
  largest_error_ = std::max(largest_error_, error);
  ++frames_;
}

SearchRecall RecallMeasurement::result() const {
  if (frames_ == 0) {
    throw Error(ErrorCode::invalid_argument, "a recall needs at least one frame");
  }
  return {static_cast<double>(found_) / static_cast<double>(neighbours_),
          sum_of_errors_ / static_cast<double>(frames_), largest_error_};
}

}  // namespace patchcore
