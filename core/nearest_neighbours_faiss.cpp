// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Exact nearest-neighbour search through FAISS.
#include <faiss/IndexFlat.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/faiss_search.h"
#include "core/nearest_neighbours.h"

namespace patchcore {

namespace {

class NearestNeighboursFaiss : public NearestNeighbours {
 public:
  explicit NearestNeighboursFaiss(const PatchMatrix& bank) {
    check_searchable(bank);
    guard_faiss("the index over " + shape_text(bank) + " patches", [&] {
      index_ = faiss::IndexFlatL2(static_cast<std::int64_t>(bank.columns));
      index_.add(static_cast<std::int64_t>(bank.rows), bank.values.data());
    });
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override {
    const BankRows bank = {index_.get_xb(), static_cast<std::size_t>(index_.ntotal),
                           static_cast<std::size_t>(index_.d)};
    check_queries(queries, k, bank.rows, bank.columns);
    const auto search = [this](const PatchMatrix& patches, std::size_t count, float* distances,
                               std::int64_t* indices) {
      index_.search(static_cast<std::int64_t>(patches.rows), patches.values.data(),
                    static_cast<std::int64_t>(count), distances, indices);
    };
    search_exactly_among(search, bank, queries, k, k, result);
  }

 private:
  faiss::IndexFlatL2 index_;
};

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss(const PatchMatrix& bank) {
  return std::make_unique<NearestNeighboursFaiss>(bank);
}

}  // namespace patchcore
