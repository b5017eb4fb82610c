// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Patches in the coordinates of the screened search's bound, on the engine's own threads.
//
// BLAS would do, but its threads and OpenMP's, which spin for a while after each parallel region,
// would wait for each other's processors.
#include "core/screening_projection.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/distances.h"

namespace patchcore {
namespace {

/// Points projected together: a few tiles of the kernels.
constexpr std::size_t points_per_chunk = 24;

std::size_t blocks_of(std::size_t values) {
  return (values + channels_per_block - 1) / channels_per_block;
}

std::size_t padded(std::size_t values) {
  return blocks_of(values) * channels_per_block;
}

}  // namespace

struct ScreeningProjection::Scratch {
  Scratch(std::size_t columns, std::size_t count)
      : centred(points_per_chunk * padded(columns)),
        left_out(points_per_chunk * padded(columns)),
        projected(points_per_chunk * padded(count)) {}

  std::vector<float> centred;    ///< [points, padded columns], x
  std::vector<float> left_out;   ///< [points, padded columns], x - D'Dx
  std::vector<float> projected;  ///< [points, padded count], Dx
};

ScreeningProjection::ScreeningProjection(const PatchMatrix& directions, std::vector<float> mean)
    : kernels_(row_convolution_kernels<float>().back()),
      mean_(std::move(mean)),
      columns_(directions.columns),
      count_(directions.rows),
      forth_(padded(count_) * columns_),
      back_(padded(columns_) * count_),
      zeros_(std::max(padded(count_), padded(columns_))) {
  for (std::size_t i = 0; i < count_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      const float value = directions.row(i)[j];
      const std::size_t of_i = i / channels_per_block * columns_ + j;
      const std::size_t of_j = j / channels_per_block * count_ + i;
      forth_[of_i * channels_per_block + i % channels_per_block] = value;
      back_[of_j * channels_per_block + j % channels_per_block] = -value;
    }
  }
}

ScreeningProjection::Coordinates ScreeningProjection::project(const PatchMatrix& points,
                                                              std::size_t first,
                                                              std::size_t rows) const {
  Coordinates result;
  result.values.resize(rows * length());
  result.squared_lengths.resize(rows);
  result.lengths.resize(rows);
  const std::size_t chunks = (rows + points_per_chunk - 1) / points_per_chunk;
  const auto threads = static_cast<int>(
      std::clamp(chunks, std::size_t{1}, static_cast<std::size_t>(omp_get_max_threads())));
  // No exception may leave a parallel region, so all memory is taken before it.
  std::vector<Scratch> scratches(static_cast<std::size_t>(threads), Scratch(columns_, count_));
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t begin = chunk * points_per_chunk;
    project_chunk(points.row(first + begin), std::min(points_per_chunk, rows - begin),
                  scratches[static_cast<std::size_t>(omp_get_thread_num())],
                  result.values.data() + begin * length(), result.squared_lengths.data() + begin,
                  result.lengths.data() + begin);
  }
  return result;
}

void ScreeningProjection::project_chunk(const float* points, std::size_t rows, Scratch& scratch,
                                        float* values, double* squared_lengths,
                                        double* lengths) const {
  const std::size_t centred_stride = padded(columns_);
  const std::size_t projected_stride = padded(count_);
  for (std::size_t i = 0; i < rows; ++i) {
    const float* point = points + i * columns_;
    float* centred = scratch.centred.data() + i * centred_stride;
    for (std::size_t j = 0; j < columns_; ++j) centred[j] = point[j] - mean_[j];
    lengths[i] = std::sqrt(squared_norm(centred, columns_));
  }

  PointwiseRow<float> row;
  row.positions = rows;
  row.bias = zeros_.data();
  row.block_stride = channels_per_block;
  row.least = -std::numeric_limits<float>::infinity();
  row.largest = std::numeric_limits<float>::infinity();
  row.inputs[0] = scratch.centred.data();
  row.length = columns_;
  row.input_stride = centred_stride;
  row.weights = forth_.data();
  row.blocks = blocks_of(count_);
  row.outputs = scratch.projected.data();
  row.position_stride = projected_stride;
  kernels_.pointwise(row);

  row.inputs[0] = scratch.projected.data();
  row.length = count_;
  row.input_stride = projected_stride;
  row.weights = back_.data();
  row.blocks = blocks_of(columns_);
  row.shortcut = scratch.centred.data();
  row.outputs = scratch.left_out.data();
  row.position_stride = centred_stride;
  kernels_.pointwise(row);

  for (std::size_t i = 0; i < rows; ++i) {
    float* z = values + i * length();
    std::copy_n(scratch.projected.data() + i * projected_stride, count_, z);
    z[count_] = static_cast<float>(
        std::sqrt(squared_norm(scratch.left_out.data() + i * centred_stride, columns_)));
    squared_lengths[i] = squared_norm(z, length());
  }
}

}  // namespace patchcore
