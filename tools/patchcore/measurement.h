// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Median and 95th percentile of repeated measurements.
#pragma once

#include <vector>

namespace patchcore {

struct Measurement {
  double median = 0;
  double p95 = 0;  ///< the smallest value that 95 % of the values do not exceed
};

/// @param values  at least one
Measurement measurement_of(std::vector<double> values);

}  // namespace patchcore
