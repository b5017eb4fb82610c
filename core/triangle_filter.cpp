// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of antialiased bilinear resizing along one axis.
#include "core/triangle_filter.h"

#include <algorithm>
#include <cmath>

namespace patchcore {

TriangleFilter::TriangleFilter(int input_length, int output_length, int begin, int end) {
  const double scale = static_cast<double>(input_length) / output_length;
  const double half_width = std::max(scale, 1.0);
  const int most_taps = 2 * static_cast<int>(std::ceil(half_width)) + 1;
  longest_ = (most_taps + 7) / 8 * 8;
  const int size = end - begin;
  first_.resize(size);
  count_.resize(size);
  weights_.resize(static_cast<std::size_t>(size) * longest_);
  for (int index = 0; index < size; ++index) {
    const double centre = (begin + index + 0.5) * scale;
    int first = std::max(static_cast<int>(centre - half_width + 0.5), 0);
    int last = std::min(static_cast<int>(centre + half_width + 0.5), input_length);
    float* weights = weights_.data() + static_cast<std::size_t>(index) * longest_;
    const auto triangle = [&](int position) {
      return std::max(1 - std::abs(position + 0.5 - centre) / half_width, 0.0);
    };
    // Weights of zero at the ends would only cost time: an axis that keeps its length has one tap.
    while (last - first > 1 && triangle(last - 1) == 0) --last;
    while (last - first > 1 && triangle(first) == 0) ++first;
    double sum = 0;
    for (int position = first; position < last; ++position) sum += triangle(position);
    for (int position = first; position < last; ++position)
      weights[position - first] = static_cast<float>(triangle(position) / sum);
    first_[index] = first;
    count_[index] = last - first;
  }
  int oldest = 0;
  for (int index = 0; index < size; ++index) {
    while (first_[oldest] + count_[oldest] <= first_[index]) ++oldest;
    overlap_ = std::max(overlap_, index - oldest + 1);
  }
}

}  // namespace patchcore
