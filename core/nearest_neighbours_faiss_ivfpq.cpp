// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Approximate nearest-neighbour search through FAISS: inverted lists of product-quantized patches.
#include "core/nearest_neighbours_faiss_ivfpq.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFPQ.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/faiss_search.h"

namespace patchcore {
namespace {

constexpr int seed = 1234;
/// FAISS's own rule: with fewer, centroids follow single patches.
constexpr std::size_t patches_per_centroid = 39;
static_assert(smallest_ivfpq_bank == 2 * patches_per_centroid, "one bit has two centroids");
constexpr std::size_t most_bits = 8;
/// Of training: more hardly move the centroids, and every load of the bank waits for them.
constexpr int iterations = 10;
constexpr double usual_parts = 32;
constexpr double fewest_part_columns = 2;
constexpr double most_part_columns = 16;
constexpr std::size_t fewest_lists_searched = 8;
constexpr std::size_t lists_per_list_searched = 8;

/// The number of columns of a part: a divisor, the nearest in proportion to what is wanted.
std::size_t part_columns(std::size_t columns) {
  const double wanted = std::clamp(static_cast<double>(columns) / usual_parts, fewest_part_columns,
                                   most_part_columns);
  std::size_t best = 1;
  const auto off = [&](std::size_t part) {
    return std::abs(std::log(static_cast<double>(part) / wanted));
  };
  for (std::size_t part = 2; part <= columns; ++part) {
    if (columns % part == 0 && off(part) < off(best)) best = part;
  }
  return best;
}

class NearestNeighboursFaissIvfPq : public NearestNeighbours {
 public:
  NearestNeighboursFaissIvfPq(const PatchMatrix& bank, const FaissIvfPqOptions& options)
      : bank_(bank),
        options_(options),
        coarse_(static_cast<std::int64_t>(bank.columns)),
        index_(&coarse_, bank.columns, options.lists, options.parts, options.bits) {
    for (faiss::ClusteringParameters* clustering : {&index_.cp, &index_.pq.cp}) {
      clustering->seed = seed;
      clustering->niter = iterations;
      clustering->max_points_per_centroid = patches_per_centroid;
    }
    index_.nprobe = options.lists_searched;
    index_.train(static_cast<std::int64_t>(bank.rows), bank.values.data());
    index_.add(static_cast<std::int64_t>(bank.rows), bank.values.data());
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override {
    check_queries(queries, k, bank_.rows, bank_.columns);
    const auto search = [this](const PatchMatrix& patches, std::size_t count, float* distances,
                               std::int64_t* indices) {
      index_.search(static_cast<std::int64_t>(patches.rows), patches.values.data(),
                    static_cast<std::int64_t>(count), distances, indices);
    };
    const std::size_t candidates = std::min(bank_.rows, k * options_.candidates);
    search_exactly_among(search, {bank_.values.data(), bank_.rows, bank_.columns}, queries, k,
                         candidates, result);
  }

 private:
  const PatchMatrix& bank_;
  FaissIvfPqOptions options_;
  faiss::IndexFlatL2 coarse_;  // the centres of the lists, which the index keeps a pointer to
  faiss::IndexIVFPQ index_;
};

}  // namespace

FaissIvfPqOptions faiss_ivfpq_options(std::size_t rows, std::size_t columns) {
  FaissIvfPqOptions options;
  options.lists =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::sqrt(static_cast<double>(rows))), 1,
                              std::max<std::size_t>(1, rows / patches_per_centroid));
  options.lists_searched = std::min(
      options.lists, std::max(fewest_lists_searched, options.lists / lists_per_list_searched));
  options.parts = columns / part_columns(columns);
  options.bits = 1;
  while (options.bits < most_bits && (patches_per_centroid << (options.bits + 1)) <= rows) {
    ++options.bits;
  }
  return options;
}

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_ivfpq(const PatchMatrix& bank) {
  return make_nearest_neighbours_faiss_ivfpq(bank, faiss_ivfpq_options(bank.rows, bank.columns));
}

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_ivfpq(
    const PatchMatrix& bank, const FaissIvfPqOptions& options) {
  check_searchable(bank);
  check_bank_size(IndexKind::faiss_ivfpq, bank.rows);
  std::unique_ptr<NearestNeighbours> index;
  guard_faiss("the index over " + shape_text(bank) + " patches",
              [&] { index = std::make_unique<NearestNeighboursFaissIvfPq>(bank, options); });
  return index;
}

}  // namespace patchcore
