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

class NearestNeighboursFaiss : public NearestNeighbours {
 public:
  explicit NearestNeighboursFaiss(const PatchMatrix& bank) {
    check_searchable(bank);
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
  check_queries(queries, k, rows(), columns());
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

/// Distances summed term by term, and in their order.
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
    const auto comes_after = [&](std::size_t other) {
      return distances[other] > distance ||
             (distances[other] == distance && indices[other] > index);
    };
    for (; place > 0 && comes_after(place - 1); --place) {
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
