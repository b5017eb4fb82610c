// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the searches through FAISS share: its errors, and exact distances in place of its own.
#include "core/faiss_search.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/distances.h"

namespace patchcore {
namespace {

/// Ordered as neighbours are: by distance, then by place in the bank.
using Candidate = std::pair<float, std::int64_t>;

void compare(const float* query, const BankRows& bank, std::int64_t index,
             std::vector<Candidate>& compared) {
  const float* patch = bank.values + static_cast<std::size_t>(index) * bank.columns;
  compared.emplace_back(squared_row_distance(query, patch, bank.columns), index);
}

}  // namespace

std::string shape_text(const PatchMatrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
}

void search_exactly_among(const FaissSearch& search, const BankRows& bank,
                          const PatchMatrix& queries, std::size_t k, std::size_t candidates,
                          Neighbours& result) {
  result.queries = queries.rows;
  result.k = k;
  guard_faiss("a search for " + shape_text(queries) + " queries", [&] {
    result.distances.resize(queries.rows * k);
    result.indices.resize(queries.rows * k);
    if (queries.rows == 0) return;
    std::vector<float> distances(queries.rows * candidates);
    std::vector<std::int64_t> indices(queries.rows * candidates);
    search(queries, candidates, distances.data(), indices.data());

    std::vector<Candidate> compared;
    for (std::size_t query = 0; query < queries.rows; ++query) {
      compared.clear();
      for (std::size_t i = query * candidates; i < (query + 1) * candidates; ++i) {
        if (indices[i] >= 0) compare(queries.row(query), bank, indices[i], compared);
      }
      if (compared.size() < k) {
        compared.clear();
        for (std::size_t row = 0; row < bank.rows; ++row) {
          compare(queries.row(query), bank, static_cast<std::int64_t>(row), compared);
        }
      }
      std::partial_sort(compared.begin(), compared.begin() + static_cast<std::ptrdiff_t>(k),
                        compared.end());
      for (std::size_t n = 0; n < k; ++n) {
        std::tie(result.distances[query * k + n], result.indices[query * k + n]) = compared[n];
      }
    }
  });
}

}  // namespace patchcore
