// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Median and 95th percentile of repeated measurements.
#include "tools/patchcore/measurement.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace patchcore {

Measurement measurement_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t size = values.size();
  const auto rank = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(size)));
  return {(values[(size - 1) / 2] + values[size / 2]) / 2,
          values[std::max<std::size_t>(1, rank) - 1]};
}

}  // namespace patchcore
