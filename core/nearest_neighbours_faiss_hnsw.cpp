// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Approximate nearest-neighbour search through FAISS: a graph of near patches.
#include "core/nearest_neighbours_faiss_hnsw.h"

#include <faiss/IndexHNSW.h>
#include <omp.h>

#include <cstdint>
#include <string>

#include "core/faiss_search.h"

namespace patchcore {
namespace {

constexpr int seed = 12345;

/// Several threads link patches in the order in which they happen to come, so that no two graphs
/// would be alike. The setting is the calling thread's own.
class SingleThread {
 public:
  SingleThread() : threads_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThread() { omp_set_num_threads(threads_); }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  const int threads_;
};

class NearestNeighboursFaissHnsw : public NearestNeighbours {
 public:
  NearestNeighboursFaissHnsw(const PatchMatrix& bank, const FaissHnswOptions& options)
      : index_(static_cast<int>(bank.columns), options.links) {
    index_.hnsw.rng = faiss::RandomGenerator(seed);
    index_.hnsw.efConstruction = options.build_breadth;
    index_.hnsw.efSearch = options.search_breadth;
    const SingleThread single_thread;
    index_.add(static_cast<std::int64_t>(bank.rows), bank.values.data());
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override {
    const auto* storage = dynamic_cast<const faiss::IndexFlat*>(index_.storage);
    const BankRows bank = {storage->get_xb(), static_cast<std::size_t>(index_.ntotal),
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
  faiss::IndexHNSWFlat index_;
};

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_hnsw(
    const PatchMatrix& bank, const FaissHnswOptions& options) {
  check_searchable(bank);
  if (options.links < 2) {
    // The number of levels, 1 / log(links) on average, would have no end.
    throw Error(ErrorCode::invalid_argument, "A graph of near patches with " +
                                                 std::to_string(options.links) +
                                                 " links of each: it needs 2 or more");
  }
  std::unique_ptr<NearestNeighbours> index;
  guard_faiss("the index over " + shape_text(bank) + " patches",
              [&] { index = std::make_unique<NearestNeighboursFaissHnsw>(bank, options); });
  return index;
}

}  // namespace patchcore
