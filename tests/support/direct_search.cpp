// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The definition of the nearest neighbours, for the tests of every index.
#include "tests/support/direct_search.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/distances.h"

namespace patchcore::test {

Neighbours compare_with_all(const PatchMatrix& bank, const PatchMatrix& queries, std::size_t k) {
  Neighbours result;
  result.queries = queries.rows;
  result.k = k;
  std::vector<float> distances(bank.rows);
  std::vector<std::int64_t> order(bank.rows);
  for (std::size_t q = 0; q < queries.rows; ++q) {
    for (std::size_t i = 0; i < bank.rows; ++i) {
      distances[i] = squared_row_distance(queries.row(q), bank.row(i), bank.columns);
    }
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return distances[static_cast<std::size_t>(a)] < distances[static_cast<std::size_t>(b)];
    });
    for (std::size_t n = 0; n < k; ++n) {
      result.indices.push_back(order[n]);
      result.distances.push_back(distances[static_cast<std::size_t>(order[n])]);
    }
  }
  return result;
}

}  // namespace patchcore::test
