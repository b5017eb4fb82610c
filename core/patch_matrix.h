// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of patch matrices, copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// The rows from @p first on.
inline PatchMatrix copy_rows(const PatchMatrix& matrix, std::size_t first, std::size_t count) {
  PatchMatrix rows{count, matrix.columns, {}};
  rows.values.assign(matrix.row(first), matrix.row(first) + count * matrix.columns);
  return rows;
}

/// Those with these numbers, in their order.
template <typename Index>
PatchMatrix pick_rows(const PatchMatrix& matrix, const std::vector<Index>& numbers) {
  PatchMatrix rows{numbers.size(), matrix.columns,
                   std::vector<float>(numbers.size() * matrix.columns)};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::copy_n(matrix.row(static_cast<std::size_t>(numbers[i])), matrix.columns, rows.row(i));
  }
  return rows;
}

/// @param begin  [count, target.columns], none of the target's own memory
inline void append_rows(PatchMatrix& target, const float* begin, std::size_t count) {
  target.values.insert(target.values.end(), begin, begin + count * target.columns);
  target.rows += count;
}

inline void append_rows(PatchMatrix& target, const PatchMatrix& source) {
  append_rows(target, source.values.data(), source.rows);
}

}  // namespace patchcore
