// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The plain types that flow from stage to stage.
#include "core/types.h"

#include <limits>

namespace patchcore {

std::string size_text(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

double relative_score(double score, double threshold) {
  if (threshold > 0) return score / threshold;
  return score > 0 ? std::numeric_limits<double>::infinity() : 0;
}

double confidence(double score, double threshold) {
  if (threshold > 0) return score / (score + threshold);
  return score > 0 ? 1 : 0.5;
}

}  // namespace patchcore
