// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The nearest rows of a query while they are being found.
#pragma once

#include <cstddef>
#include <cstdint>

namespace patchcore {

/// The k nearest so far of one query: in the order of distance and, where that is equal, of index.
struct NearestList {
  float* distances;       ///< [k], somebody else's
  std::int64_t* indices;  ///< [k], somebody else's
  std::size_t k;
  std::size_t found = 0;

  /// @return whether it is one of them
  bool add(float distance, std::int64_t index) {
    const auto comes_before = [&](std::size_t place) {
      return distances[place] < distance ||
             (distances[place] == distance && indices[place] < index);
    };
    if (found == k && comes_before(k - 1)) return false;
    if (found < k) ++found;
    std::size_t place = found - 1;
    for (; place > 0 && !comes_before(place - 1); --place) {
      distances[place] = distances[place - 1];
      indices[place] = indices[place - 1];
    }
    distances[place] = distance;
    indices[place] = index;
    return true;
  }
};

}  // namespace patchcore
