// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Exact nearest-neighbour search by matrix products on a device; the processor has the last word.
//
// With a mean m, x = patch - m and z its float32 value, a query a and a row b have
//
//   |z_a - z_b|^2 = |z_a|^2 + s,   s = |z_b|^2 - 2 z_a z_b.
//
// The device computes s of all pairs. The k rows of smallest s are compared in full, which bounds
// the distance of the k-th neighbour from above; then all rows whose s is not above what such a
// distance allows are compared in full. largest_sum() has the errors in it, so no neighbour is
// passed over, and distances and the order of equal ones are those of squared_row_distance().
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/le.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/topk.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/distances.h"
#include "core/nearest_list.h"
#include "core/nearest_neighbours.h"
#include "core/torch_device.h"

namespace patchcore {
namespace {

/// Of one matrix product: 64 MiB, and up to four times that for the list of the pairs to compare.
constexpr std::size_t sums_per_block = std::size_t{1} << 24;

constexpr double unit_roundoff = 0x1p-24;
constexpr float infinity = std::numeric_limits<float>::infinity();
/// Longer patches would overflow in the sums; they are compared in full.
constexpr double largest_squared_length = std::numeric_limits<float>::max() / 256;

/// The relative error of a sum of n products, in whatever order they are added (N. Higham, Accuracy
/// and Stability of Numerical Algorithms, section 3.1).
double gamma(std::size_t n) {
  const double error = static_cast<double>(n) * unit_roundoff;
  return error / (1 - error);
}

std::string shape(const PatchMatrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
}

std::vector<float> mean_of(const PatchMatrix& patches) {
  std::vector<double> sums(patches.columns);
  for (std::size_t i = 0; i < patches.rows; ++i) {
    for (std::size_t j = 0; j < patches.columns; ++j) sums[j] += double{patches.row(i)[j]};
  }
  std::vector<float> mean;
  for (const double sum : sums) {
    mean.push_back(static_cast<float>(sum / static_cast<double>(patches.rows)));
  }
  return mean;
}

/// Patches without the mean.
struct Centred {
  at::Tensor values;                    ///< [rows, columns], z; zeros where z is too long
  std::vector<double> squared_lengths;  ///< [rows], of z; infinite where it is too long
};

/// In the processor's memory.
Centred centre(const PatchMatrix& patches, std::size_t first, std::size_t rows,
               const std::vector<float>& mean) {
  const std::size_t columns = patches.columns;
  Centred centred;
  centred.values =
      at::empty({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)}, at::kFloat);
  auto* values = centred.values.data_ptr<float>();
  for (std::size_t i = 0; i < rows; ++i) {
    const float* patch = patches.row(first + i);
    float* z = values + i * columns;
    double squared_length = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      z[j] = patch[j] - mean[j];
      squared_length += double{z[j]} * double{z[j]};
    }
    const bool fits = squared_length <= largest_squared_length;
    if (!fits) std::fill_n(z, columns, 0.0F);
    centred.squared_lengths.push_back(fits ? squared_length
                                           : std::numeric_limits<double>::infinity());
  }
  return centred;
}

/// A row whose computed sum is above this is further away than the k-th nearest.
///
/// Were it not, then its true distance would be at most d, that of the k-th with the rounding of
/// squared_row_distance() allowed for. Lengths before the rounding of z add up to L <= 2 |x_a| + d.
/// Rounding moves z by at most u |x|, so |z_a - z_b| <= d + u L. The sum of products is wrong by at
/// most gamma(columns + 2) (|z_b|^2 + 2 |z_a| |z_b|) <= gamma (L + u L)^2, |z_b|^2 is rounded once,
/// and products that underflow add the last part.
/// @param kth_distance    squared
/// @param squared_length  of the query's z
float largest_sum(float kth_distance, double squared_length, std::size_t columns) {
  if (!std::isfinite(squared_length)) return infinity;
  const auto smallest = static_cast<double>(columns) * std::numeric_limits<float>::min();
  const double distance =
      std::sqrt(double{kth_distance}) * (1 + gamma(columns + 8)) + std::sqrt(smallest);
  const double lengths = 2 * std::sqrt(squared_length) * (1 + 4 * unit_roundoff) + distance;
  const double bound = distance + 1.01 * unit_roundoff * lengths;
  const double rounding = 1.01 * gamma(columns + 8) * lengths * lengths + 4 * smallest;
  // Rounded up.
  return std::nextafter(static_cast<float>(bound * bound + rounding - squared_length), infinity);
}

/// Pairs of a query and a row of the bank, by query.
struct Candidates {
  at::Tensor rows;                  ///< int64, in the processor's memory
  std::vector<std::size_t> begins;  ///< [queries + 1], where those of a query begin in rows
};

class NearestNeighboursDevice : public NearestNeighbours {
 public:
  NearestNeighboursDevice(const PatchMatrix& bank, const Device& device)
      : bank_(bank), device_(device) {
    check_searchable(bank);
    forbid_tf32();
    try {
      const c10::InferenceMode inference;
      mean_ = mean_of(bank);
      const Centred centred = centre(bank, 0, bank.rows, mean_);
      const at::Tensor lengths = at::empty({static_cast<std::int64_t>(bank.rows)}, at::kFloat);
      // Rows too long for the sums are below any limit.
      std::transform(centred.squared_lengths.begin(), centred.squared_lengths.end(),
                     lengths.data_ptr<float>(), [](double length) {
                       return std::isfinite(length) ? static_cast<float>(length) : -infinity;
                     });
      rows_ = centred.values.to(torch_device(device)).t();
      squared_lengths_ = lengths.to(torch_device(device));
    } catch (const std::exception&) {
      throw_torch_error("make the index of " + shape(bank) + " patches", device);
    }
    if (device.kind == DeviceKind::cpu) return;
    Neighbours found;
    search({1, bank.columns, {bank.row(0), bank.row(0) + bank.columns}}, 1, found);
  }

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override;

 private:
  void search_block(const PatchMatrix& queries, std::size_t first, std::size_t count,
                    Neighbours& result) const;
  void compare(const PatchMatrix& queries, std::size_t first, const Candidates& candidates,
               Neighbours& result) const;

  const PatchMatrix& bank_;
  Device device_;
  std::vector<float> mean_;
  at::Tensor rows_;             ///< [columns, rows of the bank], z; on the device
  at::Tensor squared_lengths_;  ///< [rows of the bank], of z; on the device
};

void NearestNeighboursDevice::search(const PatchMatrix& queries, std::size_t k,
                                     Neighbours& result) const {
  check_queries(queries, k, bank_.rows, bank_.columns);
  try {
    const c10::InferenceMode inference;
    result.queries = queries.rows;
    result.k = k;
    result.distances.resize(queries.rows * k);
    result.indices.resize(queries.rows * k);
    const std::size_t block = std::max<std::size_t>(sums_per_block / bank_.rows, 1);
    for (std::size_t first = 0; first < queries.rows; first += block) {
      search_block(queries, first, std::min(block, queries.rows - first), result);
    }
  } catch (const std::exception&) {
    throw_torch_error("search for " + shape(queries) + " queries", device_);
  }
}

void NearestNeighboursDevice::search_block(const PatchMatrix& queries, std::size_t first,
                                           std::size_t count, Neighbours& result) const {
  const std::size_t k = result.k;
  const Centred centred = centre(queries, first, count, mean_);
  const at::Tensor sums =
      at::addmm(squared_lengths_, centred.values.to(torch_device(device_)), rows_, 1, -2);

  // The rows that seem nearest, for the bounds.
  const at::Tensor seeming = std::get<1>(
      at::topk(sums, static_cast<std::int64_t>(k), /*dim=*/1, /*largest=*/false, /*sorted=*/false));
  Candidates candidates;
  candidates.rows = seeming.to(at::kCPU).contiguous();
  for (std::size_t q = 0; q <= count; ++q) candidates.begins.push_back(q * k);
  compare(queries, first, candidates, result);

  // All that are within them.
  const at::Tensor limits = at::empty({static_cast<std::int64_t>(count), 1}, at::kFloat);
  for (std::size_t q = 0; q < count; ++q) {
    limits.data_ptr<float>()[q] = largest_sum(result.distances[(first + q) * k + k - 1],
                                              centred.squared_lengths[q], bank_.columns);
  }
  const at::Tensor pairs = at::nonzero(at::le(sums, limits.to(torch_device(device_)))).to(at::kCPU);
  const at::Tensor of_queries = pairs.select(1, 0).contiguous();
  candidates.rows = pairs.select(1, 1).contiguous();
  const auto* query = of_queries.data_ptr<std::int64_t>();
  const auto* end = query + of_queries.numel();
  for (std::size_t q = 0; q <= count; ++q) {
    candidates.begins[q] = static_cast<std::size_t>(
        std::lower_bound(query, end, static_cast<std::int64_t>(q)) - query);
  }
  compare(queries, first, candidates, result);
}

/// The nearest candidates, in full.
void NearestNeighboursDevice::compare(const PatchMatrix& queries, std::size_t first,
                                      const Candidates& candidates, Neighbours& result) const {
  const std::size_t count = candidates.begins.size() - 1;
  const auto* rows = candidates.rows.data_ptr<std::int64_t>();
#pragma omp parallel for schedule(dynamic, 16)
  for (std::size_t q = 0; q < count; ++q) {
    const std::size_t place = (first + q) * result.k;
    NearestList nearest{result.distances.data() + place, result.indices.data() + place, result.k};
    for (std::size_t i = candidates.begins[q]; i < candidates.begins[q + 1]; ++i) {
      const float* row = bank_.row(static_cast<std::size_t>(rows[i]));
      nearest.add(squared_row_distance(queries.row(first + q), row, bank_.columns), rows[i]);
    }
  }
}

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours_device(const PatchMatrix& bank,
                                                                  const Device& device) {
  return std::make_unique<NearestNeighboursDevice>(bank, device);
}

}  // namespace patchcore
