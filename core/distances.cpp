// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// L2 distances between rows, exact where they matter and by matrix product where they don't.
#include "core/distances.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/kernels/row_distance.h"

namespace patchcore {

namespace {

// The block of products, 2 MiB, stays in the cache between the matrix product and its reading.
constexpr std::size_t points_per_block = 512;
constexpr std::size_t references_per_block = 1024;

// A dot product of n terms in float32 is wrong by at most n * 2^-24 * |a| |b| (N. Higham, Accuracy
// and Stability of Numerical Algorithms, section 3.1), and 2 |a| |b| <= |a|^2 + |b|^2. Eight more
// for the norms, the sums and the square of the bound.
float relative_error(std::size_t columns) {
  return static_cast<float>(columns + 8) * 0x1p-24F;
}

float shrink(const float* point, float bound, const float* reference, std::size_t columns) {
  return std::min(bound, row_distance(point, reference, columns));
}

}  // namespace

float squared_row_distance(const float* a, const float* b, std::size_t columns) {
  static const RowDistance run = row_distance_kernels().back().run;
  return run(a, b, columns);
}

float row_distance(const float* a, const float* b, std::size_t columns) {
  return std::sqrt(squared_row_distance(a, b, columns));
}

/// Sums that take turns, for the compiler to vectorize.
double squared_norm(const float* row, std::size_t columns) {
  constexpr std::size_t width = 8;
  double sums[width] = {};
  std::size_t i = 0;
  for (; i + width <= columns; i += width) {
    for (std::size_t lane = 0; lane < width; ++lane) {
      const auto value = static_cast<double>(row[i + lane]);
      sums[lane] += value * value;
    }
  }
  for (std::size_t lane = 0; i < columns; ++i, ++lane) {
    sums[lane] += static_cast<double>(row[i]) * row[i];
  }
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

std::vector<float> squared_norms(const PatchMatrix& points) {
  std::vector<float> norms(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const double sum = squared_norm(points.row(i), points.columns);
    // A quarter: the squared distance of two such rows must fit as well.
    if (!(sum < std::numeric_limits<float>::max() / 4)) {
      throw Error(ErrorCode::invalid_argument,
                  "Row " + std::to_string(i) + " of the patch features has the squared length " +
                      std::to_string(sum) +
                      ": the features are not finite or far too large; check the backbone's "
                      "weights and the pixel scaling");
    }
    norms[i] = static_cast<float>(sum);
  }
  return norms;
}

double rounding_distance(const PatchMatrix& points) {
  if (points.rows == 0) return 0;
  double squares = 0;
  for (const float value : points.values) squares += static_cast<double>(value) * value;
  return 1e-3 * std::sqrt(squares / static_cast<double>(points.rows));
}

void shrink_bounds(const NormedRows& points, float* bounds, const NormedRows& references,
                   std::size_t columns, std::vector<float>& products) {
  const float error = relative_error(columns);
  products.resize(std::max(points.rows, points_per_block * references_per_block));
  for (std::size_t first_ref = 0; first_ref < references.rows; first_ref += references_per_block) {
    const std::size_t refs = std::min(references_per_block, references.rows - first_ref);
    const float* ref_values = references.values + first_ref * columns;
    const float* ref_norms = references.squared_norms + first_ref;
    const std::size_t block = refs == 1 ? points.rows : points_per_block;
    for (std::size_t first = 0; first < points.rows; first += block) {
      const std::size_t rows = std::min(block, points.rows - first);
      const float* values = points.values + first * columns;
      if (refs == 1) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, static_cast<blasint>(rows),
                    static_cast<blasint>(columns), -2, values, static_cast<blasint>(columns),
                    ref_values, 1, 0, products.data(), 1);
      } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(rows),
                    static_cast<blasint>(refs), static_cast<blasint>(columns), -2, values,
                    static_cast<blasint>(columns), ref_values, static_cast<blasint>(columns), 0,
                    products.data(), static_cast<blasint>(refs));
      }
      for (std::size_t i = 0; i < rows; ++i) {
        float& bound = bounds[first + i];
        if (bound <= 0) continue;
        const float kept_norm = points.squared_norms[first + i] * (1 - error);
        const float* product = products.data() + i * refs;
        // |b|^2 - 2ab at or above this can't shrink the bound, whatever its rounding error.
        float limit = bound * bound - kept_norm;
        float smallest = std::numeric_limits<float>::infinity();
#pragma omp simd reduction(min : smallest)
        for (std::size_t j = 0; j < refs; ++j) {
          smallest = std::min(smallest, ref_norms[j] * (1 - error) + product[j]);
        }
        if (smallest >= limit) continue;
        const float* point = values + i * columns;
        // The smallest first: after it hardly another pair is left to compute.
        for (std::size_t j = 0; j < refs; ++j) {
          if (ref_norms[j] * (1 - error) + product[j] > smallest) continue;
          bound = shrink(point, bound, ref_values + j * columns, columns);
          break;
        }
        limit = bound * bound - kept_norm;
        for (std::size_t j = 0; j < refs; ++j) {
          if (ref_norms[j] * (1 - error) + product[j] >= limit) continue;
          bound = shrink(point, bound, ref_values + j * columns, columns);
          limit = bound * bound - kept_norm;
        }
      }
    }
  }
}

}  // namespace patchcore
