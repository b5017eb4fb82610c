// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of patches as they are collected: float32, or packed into half precision.
#include "core/patch_rows.h"

#include <c10/util/Half.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/coreset.h"
#include "core/patch_matrix.h"

namespace patchcore {
namespace {

constexpr float largest_half = 65504;

/// Floats that hold a packed row.
std::size_t packed_columns(std::size_t columns) {
  return (columns + 1) / 2;
}

/// @param packed  may begin where @p features does or before: a half is written after the value
///                that lies there was read
void pack_row(const float* features, std::size_t columns, float* packed) {
  auto* bytes = reinterpret_cast<unsigned char*>(packed);
  for (std::size_t i = 0; i < columns; ++i) {
    const c10::Half half = std::clamp(features[i], -largest_half, largest_half);
    std::memcpy(bytes + i * sizeof(half.x), &half.x, sizeof(half.x));
  }
  if (columns % 2 != 0) std::memset(bytes + columns * sizeof(c10::Half), 0, sizeof(c10::Half));
}

/// Gives the machine back the pages that lie wholly between two addresses of a vector's unused
/// memory. They come back as zeros when they are used again.
void release_pages(float* begin, float* end) {
  const auto page = static_cast<std::uintptr_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(end) / page * page;
  if (first >= last) return;
  // It only saves memory: where it fails, nothing is lost.
  static_cast<void>(madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED));
}

void move_rows(PatchMatrix& matrix, std::size_t from, std::size_t to, std::size_t count) {
  if (from != to) std::copy(matrix.row(from), matrix.row(from + count), matrix.row(to));
}

void truncate_rows(PatchMatrix& matrix, std::size_t rows) {
  matrix.rows = rows;
  matrix.values.resize(rows * matrix.columns);
}

}  // namespace

bool PatchRows::can_be_packed(std::size_t columns, const CoresetOptions& coreset) {
  return is_projected(columns, coreset);
}

std::size_t PatchRows::packed_row_bytes(std::size_t columns, const CoresetOptions& coreset) {
  return (packed_columns(columns) + static_cast<std::size_t>(coreset.projection_dimension)) *
         sizeof(float);
}

std::size_t PatchRows::bytes() const {
  return (values_.values.size() + points_.values.size()) * sizeof(float);
}

void PatchRows::pack(const CoresetOptions& coreset, std::size_t rows_expected) {
  coreset_ = coreset;
  PatchMatrix points{0, static_cast<std::size_t>(coreset.projection_dimension), {}};
  points.values.reserve(std::max(rows_expected, rows()) * points.columns);
  constexpr std::size_t rows_per_block = 16384;
  for (std::size_t first = 0; first < rows(); first += rows_per_block) {
    const std::size_t count = std::min(rows_per_block, rows() - first);
    append_rows(points, project_patches(copy_rows(values_, first, count), coreset).values.data(),
                count);
  }
  points_ = std::move(points);
  PatchMatrix& packed = values_;
  float* const data = packed.values.data();
  const std::size_t width = packed_columns(columns_);
  for (std::size_t row = 0; row < packed.rows; ++row) {
    pack_row(data + row * columns_, columns_, data + row * width);
  }
  float* const end = data + packed.values.size();
  packed.columns = width;
  packed.values.resize(packed.rows * width);
  release_pages(data + packed.values.size(), end);
}

void PatchRows::reserve(std::size_t rows) {
  values_.values.reserve(rows * values_.columns);
  points_.values.reserve(rows * points_.columns);
}

std::size_t PatchRows::reserved_rows() const {
  if (values_.columns == 0) return 0;
  const std::size_t rows = values_.values.capacity() / values_.columns;
  return packed() ? std::min(rows, points_.values.capacity() / points_.columns) : rows;
}

void PatchRows::append(const PatchMatrix& patches) {
  if (packed()) {
    append_packed(patches);
    return;
  }
  values_.columns = columns_ = patches.columns;
  append_rows(values_, patches.values.data(), patches.rows);
}

void PatchRows::append_packed(const PatchMatrix& patches) {
  const PatchMatrix points = project_patches(patches, coreset_);
  append_rows(points_, points.values.data(), points.rows);
  std::vector<float> row(values_.columns);
  for (std::size_t i = 0; i < patches.rows; ++i) {
    pack_row(patches.row(i), columns_, row.data());
    append_rows(values_, row.data(), 1);
  }
}

void PatchRows::append(const PatchRows& other, std::size_t first, std::size_t count) {
  if (rows() == 0) {
    columns_ = other.columns_;
    values_.columns = other.values_.columns;
    points_.columns = other.points_.columns;
    coreset_ = other.coreset_;
  }
  append_rows(values_, other.values_.row(first), count);
  if (packed()) append_rows(points_, other.points_.row(first), count);
}

void PatchRows::move(std::size_t from, std::size_t to, std::size_t count) {
  move_rows(values_, from, to, count);
  if (packed()) move_rows(points_, from, to, count);
}

void PatchRows::truncate(std::size_t rows) {
  truncate_rows(values_, rows);
  if (packed()) truncate_rows(points_, rows);
}

void PatchRows::unpack_row(std::size_t row, float* features) const {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values_.row(row));
  for (std::size_t i = 0; i < columns_; ++i) {
    c10::Half half;
    std::memcpy(&half.x, bytes + i * sizeof(half.x), sizeof(half.x));
    features[i] = half;
  }
}

PatchMatrix PatchRows::features(std::size_t first, std::size_t count) const {
  if (!packed()) return copy_rows(values_, first, count);
  PatchMatrix features{count, columns_, std::vector<float>(count * columns_)};
  for (std::size_t i = 0; i < count; ++i) unpack_row(first + i, features.row(i));
  return features;
}

PatchMatrix PatchRows::features(const std::vector<std::int64_t>& rows) const {
  if (!packed()) return pick_rows(values_, rows);
  PatchMatrix features{rows.size(), columns_, std::vector<float>(rows.size() * columns_)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    unpack_row(static_cast<std::size_t>(rows[i]), features.row(i));
  }
  return features;
}

PatchMatrix PatchRows::points(const std::vector<std::int64_t>& rows) const {
  PatchMatrix points{0, points_.columns, {}};
  if (!packed()) return points;
  for (const std::int64_t row : rows) {
    append_rows(points, points_.row(static_cast<std::size_t>(row)), 1);
  }
  return points;
}

std::vector<std::int64_t> PatchRows::select(std::size_t first, std::size_t count,
                                            std::int64_t wanted, const CoresetOptions& coreset,
                                            const ShareDone& progress) const {
  const PatchMatrix& all = packed() ? points_ : values_;
  const bool whole = first == 0 && count == rows();
  const PatchMatrix part = whole ? PatchMatrix{} : copy_rows(all, first, count);
  const PatchMatrix& candidates = whole ? all : part;
  return packed() ? select_among_points(candidates, wanted, coreset, progress)
                  : select_coreset(candidates, wanted, coreset, progress);
}

std::vector<std::int64_t> PatchRows::extend(const PatchMatrix& chosen_features,
                                            const PatchMatrix& chosen_points, std::int64_t wanted,
                                            const CoresetOptions& coreset,
                                            const ShareDone& progress) const {
  return packed() ? extend_among_points(chosen_points, points_, wanted, coreset, progress)
                  : extend_coreset(chosen_features, values_, wanted, coreset, progress);
}

}  // namespace patchcore
