// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The directions in which the patches of a memory bank differ most.
#include "core/principal_directions.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <c10/core/InferenceMode.h>
#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "core/distances.h"
#include "core/error.h"
#include "core/number_text.h"
#include "core/screening_level.h"

namespace patchcore {
namespace {

/// The number is chosen for a search that looks along the first of so many directions and, where
/// that does not do, along all. How many the screened search takes first is the processor's matter.
constexpr std::size_t directions_per_first_direction = 4;
/// To choose the number of first directions from.
constexpr std::size_t counts[] = {8, 12, 16, 24, 32, 48, 64};
constexpr std::size_t sampled_queries = 128;
constexpr std::size_t rows_at_a_time = 1024;

/// Of FAISS's search, for each value of the bank, in the unit of the screened search's costs.
constexpr double plain_cost_per_value = 2;
/// A search compares with more patches than those below its final limit: it has to find that first.
constexpr double comparisons_on_the_way = 1.4;

/// @p count rows from @p first on, less the mean.
PatchMatrix centred_rows(const PatchMatrix& points, const std::vector<float>& mean,
                         std::size_t first, std::size_t count) {
  PatchMatrix centred{count, points.columns, std::vector<float>(count * points.columns)};
  for (std::size_t i = 0; i < count; ++i) {
    const float* row = points.row(first + i);
    float* target = centred.row(i);
    for (std::size_t j = 0; j < points.columns; ++j) target[j] = row[j] - mean[j];
  }
  return centred;
}

std::vector<float> mean_of(const PatchMatrix& points) {
  std::vector<double> sums(points.columns, 0);
  for (std::size_t i = 0; i < points.rows; ++i) {
    for (std::size_t j = 0; j < points.columns; ++j) sums[j] += points.row(i)[j];
  }
  std::vector<float> mean;
  mean.reserve(sums.size());
  for (const double sum : sums) {
    mean.push_back(static_cast<float>(sum / static_cast<double>(points.rows)));
  }
  return mean;
}

/// All pairs of products of a's and b's rows, [a.rows, b.rows].
PatchMatrix products(const PatchMatrix& a, const PatchMatrix& b, std::size_t columns) {
  PatchMatrix result{a.rows, b.rows, std::vector<float>(a.rows * b.rows)};
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(a.rows),
              static_cast<blasint>(b.rows), static_cast<blasint>(columns), 1, a.values.data(),
              static_cast<blasint>(a.columns), b.values.data(), static_cast<blasint>(b.columns), 0,
              result.values.data(), static_cast<blasint>(b.rows));
  return result;
}

/// Only the upper triangle is filled.
std::vector<float> covariance(const PatchMatrix& points, const std::vector<float>& mean) {
  std::vector<float> sums(points.columns * points.columns, 0);
  const auto columns = static_cast<blasint>(points.columns);
  const float share = 1 / static_cast<float>(points.rows);
  for (std::size_t first = 0; first < points.rows; first += rows_at_a_time) {
    const std::size_t count = std::min(rows_at_a_time, points.rows - first);
    const PatchMatrix centred = centred_rows(points, mean, first, count);
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, columns, static_cast<blasint>(count), share,
                centred.values.data(), columns, 1, sums.data(), columns);
  }
  return sums;
}

/// The directions of all variances, the largest @p count first.
PatchMatrix eigenvectors(std::vector<float> matrix, std::size_t columns, std::size_t count) {
  PatchMatrix directions{count, columns, std::vector<float>(count * columns)};
  try {
    const c10::InferenceMode inference;
    const auto side = static_cast<std::int64_t>(columns);
    const at::Tensor symmetric = at::from_blob(matrix.data(), {side, side}, at::kFloat);
    const at::Tensor vectors =
        std::get<1>(at::linalg_eigh(symmetric, "U")).transpose(0, 1).contiguous();
    const float* values = vectors.data_ptr<float>();
    // In the order of rising variance.
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(directions.row(i), values + (columns - 1 - i) * columns, columns * sizeof(float));
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal,
                std::string("LibTorch failed to compute the principal directions of the memory "
                            "bank: ") +
                    error.what());
  }
  return directions;
}

/// The bank and some of its patches in their first coordinates, to try numbers of directions on.
class Trial {
 public:
  Trial(const PatchMatrix& bank, const PrincipalDirections& all);

  /// Mean number of patches whose bound with @p count directions is below the distance of the
  /// nearest other one. Call it with rising counts.
  double comparisons(std::size_t count);

 private:
  std::size_t row_of(std::size_t query) const { return query * step_; }

  std::size_t step_ = 1;
  PatchMatrix rows_;                     ///< [bank rows, directions]
  std::vector<float> left_out_squared_;  ///< [bank rows], of the squared length
  std::vector<float> nearest_;           ///< [queries], squared
  PatchMatrix distances_;                ///< [queries, bank rows], squared, over used_ directions
  std::size_t used_ = 0;
};

Trial::Trial(const PatchMatrix& bank, const PrincipalDirections& all) {
  step_ = std::max<std::size_t>(1, bank.rows / sampled_queries);
  const std::size_t queries = std::min(sampled_queries, bank.rows);
  rows_ = {bank.rows, all.directions.rows, {}};
  rows_.values.reserve(bank.rows * all.directions.rows);
  left_out_squared_.reserve(bank.rows);
  PatchMatrix query_values{queries, bank.columns, {}};
  for (std::size_t q = 0; q < queries; ++q) {
    const float* row = bank.row(row_of(q));
    query_values.values.insert(query_values.values.end(), row, row + bank.columns);
  }
  query_values = centred_rows(query_values, all.mean, 0, queries);
  const std::vector<float> query_norms = squared_norms(query_values);
  nearest_.assign(queries, std::numeric_limits<float>::infinity());
  for (std::size_t first = 0; first < bank.rows; first += rows_at_a_time) {
    const std::size_t count = std::min(rows_at_a_time, bank.rows - first);
    const PatchMatrix centred = centred_rows(bank, all.mean, first, count);
    const PatchMatrix coordinates = products(centred, all.directions, bank.columns);
    rows_.values.insert(rows_.values.end(), coordinates.values.begin(), coordinates.values.end());
    const std::vector<float> norms = squared_norms(centred);
    left_out_squared_.insert(left_out_squared_.end(), norms.begin(), norms.end());
    const PatchMatrix dots = products(query_values, centred, bank.columns);
    for (std::size_t q = 0; q < queries; ++q) {
      for (std::size_t i = 0; i < count; ++i) {
        if (first + i == row_of(q)) continue;
        nearest_[q] = std::min(nearest_[q], query_norms[q] + norms[i] - 2 * dots.row(q)[i]);
      }
    }
  }
  distances_ = {queries, bank.rows, std::vector<float>(queries * bank.rows, 0)};
}

double Trial::comparisons(std::size_t count) {
  for (std::size_t i = 0; i < rows_.rows; ++i) {
    for (std::size_t j = used_; j < count; ++j) {
      left_out_squared_[i] -= rows_.row(i)[j] * rows_.row(i)[j];
    }
    left_out_squared_[i] = std::max(0.0F, left_out_squared_[i]);
  }
  std::vector<float> left_out(rows_.rows);
  for (std::size_t i = 0; i < rows_.rows; ++i) left_out[i] = std::sqrt(left_out_squared_[i]);
  std::size_t below = 0;
  for (std::size_t q = 0; q < distances_.rows; ++q) {
    const float* query = rows_.row(row_of(q));
    float* distances = distances_.row(q);
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      const float* row = rows_.row(i);
      for (std::size_t j = used_; j < count; ++j) {
        distances[i] += (query[j] - row[j]) * (query[j] - row[j]);
      }
      const float rest = left_out[row_of(q)] - left_out[i];
      if (i != row_of(q) && distances[i] + rest * rest <= nearest_[q]) ++below;
    }
  }
  used_ = count;
  return static_cast<double>(below) / static_cast<double>(distances_.rows);
}

/// The number of first directions with the least work a query; 0 if the plain search has less.
std::size_t cheapest_count(const PatchMatrix& bank, const PrincipalDirections& all) {
  const auto rows = static_cast<double>(bank.rows);
  const auto columns = static_cast<double>(bank.columns);
  Trial trial(bank, all);
  double least = rows * columns * plain_cost_per_value;
  std::size_t best = 0;
  const std::size_t largest = all.directions.rows / directions_per_first_direction;
  std::size_t tried = 0;
  for (const std::size_t wanted : counts) {
    const std::size_t count = std::min(wanted, largest);
    if (count == tried) break;
    tried = count;
    const auto length = static_cast<double>(count);
    // More directions make this part alone more expensive than all of the best so far.
    const double fixed = rows * (length + 1 + cost_beside_directions) + 2 * length * columns;
    if (fixed >= least) break;
    const double cost =
        fixed + comparisons_on_the_way * trial.comparisons(count) * comparison_cost(bank.columns);
    if (cost >= least) continue;
    least = cost;
    best = count;
  }
  return best;
}

PrincipalDirections first_directions(const PatchMatrix& bank, std::size_t count) {
  squared_norms(bank);  // refuses what is not finite
  PrincipalDirections result;
  result.mean = mean_of(bank);
  result.directions = eigenvectors(covariance(bank, result.mean), bank.columns, count);
  return result;
}

}  // namespace

PrincipalDirections choose_principal_directions(const PatchMatrix& bank) {
  const std::size_t largest =
      std::min(bank.columns, directions_per_first_direction *
                                 *std::max_element(std::begin(counts), std::end(counts)));
  if (bank.rows == 0 || largest < directions_per_first_direction * counts[0]) return {};
  PrincipalDirections all = first_directions(bank, largest);
  const std::size_t count = directions_per_first_direction * cheapest_count(bank, all);
  if (count == 0) return {};
  all.directions.rows = count;
  all.directions.values.resize(count * bank.columns);
  all.directions.values.shrink_to_fit();
  return all;
}

double deviation_from_orthonormal(const PatchMatrix& directions) {
  double sum = 0;
  for (std::size_t a = 0; a < directions.rows; ++a) {
    for (std::size_t b = a; b < directions.rows; ++b) {
      double product = a == b ? -1 : 0;
      for (std::size_t i = 0; i < directions.columns; ++i) {
        product += static_cast<double>(directions.row(a)[i]) * directions.row(b)[i];
      }
      sum += (a == b ? 1 : 2) * product * product;
    }
  }
  return std::isfinite(sum) ? std::sqrt(sum) : std::numeric_limits<double>::infinity();
}

void check_principal_directions(const PrincipalDirections& principal, std::size_t columns) {
  const PatchMatrix& rows = principal.directions;
  const auto refuse = [](const std::string& problem) {
    throw Error(ErrorCode::invalid_argument,
                "the principal directions of the memory bank " + problem);
  };
  if (rows.rows == 0 || rows.rows > columns || rows.columns != columns ||
      rows.values.size() != rows.rows * columns || principal.mean.size() != columns) {
    refuse("are " + std::to_string(rows.rows) + " x " + std::to_string(rows.columns) +
           " with a mean of " + std::to_string(principal.mean.size()) +
           ", which does not fit patches of " + std::to_string(columns) + " values");
  }
  if (!std::all_of(principal.mean.begin(), principal.mean.end(),
                   [](float value) { return std::isfinite(value); })) {
    refuse("have a mean that is not finite");
  }
  const double deviation = deviation_from_orthonormal(rows);
  // Written so that what is not a number fails, too.
  if (!(deviation <= largest_deviation_from_orthonormal)) {
    refuse("are not orthonormal: they differ by " + number_text(deviation));
  }
}

PrincipalDirections principal_directions(const PatchMatrix& bank, std::size_t count) {
  if (bank.rows == 0 || count < 1 || count > bank.columns) {
    throw Error(ErrorCode::invalid_argument,
                std::to_string(count) + " principal directions of a memory bank of " +
                    std::to_string(bank.rows) + " x " + std::to_string(bank.columns));
  }
  return first_directions(bank, count);
}

}  // namespace patchcore
