// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Exact nearest-neighbour search through FAISS.
#include "core/nearest_neighbours.h"

#include <faiss/IndexFlat.h>

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "core/distances.h"
#include "core/error.h"

namespace patchcore {

namespace {

/// FAISS throws its own type and whatever the standard library does.
template <typename Function>
void guard_faiss(const std::string& what, Function&& function) {
  try {
    function();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "Not enough memory for " + what);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal, "FAISS failed at " + what + ": " + error.what());
  }
}

std::string shape(const PatchMatrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
}

bool is_whole(const PatchMatrix& matrix) {
  return matrix.values.size() == matrix.rows * matrix.columns;
}

class NearestNeighboursFaiss : public NearestNeighbours {
 public:
  explicit NearestNeighboursFaiss(const PatchMatrix& bank) {
    if (bank.rows == 0 || bank.columns == 0 || !is_whole(bank)) {
      throw Error(ErrorCode::invalid_argument,
                  "A memory bank of " + shape(bank) + " patches with " +
                      std::to_string(bank.values.size()) + " values can't be searched");
    }
    // A patch that is not a number would never be found.
    squared_norms(bank);
    guard_faiss("the index over " + shape(bank) + " patches", [&] {
      index_ = faiss::IndexFlatL2(static_cast<std::int64_t>(bank.columns));
      index_.add(static_cast<std::int64_t>(bank.rows), bank.values.data());
    });
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override;

 private:
  void make_exact(const float* query, float* distances, std::int64_t* indices, std::size_t k) const;

  std::size_t columns() const { return static_cast<std::size_t>(index_.d); }
  std::size_t rows() const { return static_cast<std::size_t>(index_.ntotal); }

  faiss::IndexFlatL2 index_;
};

void NearestNeighboursFaiss::search(const PatchMatrix& queries, std::size_t k,
                                    Neighbours& result) const {
  if (queries.columns != columns() || !is_whole(queries)) {
    throw Error(ErrorCode::invalid_argument, "Queries of " + shape(queries) + " for a bank of " +
                                                 std::to_string(rows()) + " x " +
                                                 std::to_string(columns()));
  }
  if (k < 1 || k > rows()) {
    throw Error(ErrorCode::invalid_argument,
                std::to_string(k) + " neighbours of a bank of " + std::to_string(rows()) +
                    " patches: ask for 1 to " + std::to_string(rows()));
  }
  // FAISS would return a made-up neighbour, or none, for what is not a number.
  squared_norms(queries);
  result.queries = queries.rows;
  result.k = k;
  guard_faiss("a search for " + shape(queries) + " queries", [&] {
    result.distances.resize(queries.rows * k);
    result.indices.resize(queries.rows * k);
    if (queries.rows == 0) return;
    index_.search(static_cast<std::int64_t>(queries.rows), queries.values.data(),
                  static_cast<std::int64_t>(k), result.distances.data(), result.indices.data());
  });
  for (std::size_t i = 0; i < queries.rows; ++i) {
    make_exact(queries.row(i), result.distances.data() + i * k, result.indices.data() + i * k, k);
  }
}

/// FAISS computes |a|^2 + |b|^2 - 2ab, whose rounding error is of the order of the squared lengths:
/// too much for near patches, such as those of a frame that is in the bank itself.
void NearestNeighboursFaiss::make_exact(const float* query, float* distances, std::int64_t* indices,
                                        std::size_t k) const {
  const float* bank = index_.get_xb();
  for (std::size_t j = 0; j < k; ++j) {
    const float* patch = bank + static_cast<std::size_t>(indices[j]) * columns();
    const float distance = squared_row_distance(query, patch, columns());
    const std::int64_t index = indices[j];
    std::size_t place = j;
    for (; place > 0 && distances[place - 1] > distance; --place) {
      distances[place] = distances[place - 1];
      indices[place] = indices[place - 1];
    }
    distances[place] = distance;
    indices[place] = index;
  }
}

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss(const PatchMatrix& bank) {
  return std::make_unique<NearestNeighboursFaiss>(bank);
}

}  // namespace patchcore
