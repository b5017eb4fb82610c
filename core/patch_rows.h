// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Rows of patches as they are collected: float32, or packed into half precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/options.h"
#include "core/share_done.h"
#include "core/types.h"

namespace patchcore {

/// Patches, one a row. Packed, the features are kept in half precision (11 significant bits,
/// saturated at 65504) beside the points that a greedy sampler chooses among, their random
/// projection, in float32: the sampler sees what it would have seen, and picks the same rows.
/// Rounding the features before they are projected would move picks; so would leaving out the
/// points. Only features that are projected can be packed.
class PatchRows {
 public:
  PatchRows() = default;
  explicit PatchRows(PatchMatrix patches)
      : values_(std::move(patches)), columns_(values_.columns) {}

  static bool can_be_packed(std::size_t columns, const CoresetOptions& coreset);
  /// Bytes of a packed row, its point included.
  static std::size_t packed_row_bytes(std::size_t columns, const CoresetOptions& coreset);

  std::size_t rows() const { return values_.rows; }
  std::size_t columns() const { return columns_; }  ///< of a feature
  bool packed() const { return points_.columns > 0; }
  std::size_t bytes() const;

  /// Packs what is there, in place, and all that is appended from then on.
  /// @param coreset        can_be_packed()
  /// @param rows_expected  in all, so that the points need not be moved as they grow
  void pack(const CoresetOptions& coreset, std::size_t rows_expected);

  /// Makes room for so many rows in all. Memory that is not used yet is not touched.
  void reserve(std::size_t rows);
  std::size_t reserved_rows() const;

  void append(const PatchMatrix& patches);
  /// @param other  packed as this is, or this has no rows and becomes what the other is
  void append(const PatchRows& other, std::size_t first, std::size_t count);
  /// Copies rows towards the front.
  /// @param to  at most @p from
  void move(std::size_t from, std::size_t to, std::size_t count);
  /// Leaves the first @p rows.
  void truncate(std::size_t rows);

  /// Features in float32.
  PatchMatrix features(std::size_t first, std::size_t count) const;
  PatchMatrix features(const std::vector<std::int64_t>& rows) const;
  PatchMatrix features() const { return features(0, rows()); }

  /// Chooses as select_coreset() does, among rows [first, first + count).
  /// @return rows counted from @p first
  std::vector<std::int64_t> select(std::size_t first, std::size_t count, std::int64_t wanted,
                                   const CoresetOptions& coreset, const ShareDone& progress) const;

  /// Chooses as extend_coreset() does, beside what was chosen of other rows, packed as these are.
  /// @param chosen_features, chosen_points  features() and points() of it
  std::vector<std::int64_t> extend(const PatchMatrix& chosen_features,
                                   const PatchMatrix& chosen_points, std::int64_t wanted,
                                   const CoresetOptions& coreset, const ShareDone& progress) const;

  /// The points of @p rows; no rows where this is not packed.
  PatchMatrix points(const std::vector<std::int64_t>& rows) const;

 private:
  void append_packed(const PatchMatrix& patches);
  void unpack_row(std::size_t row, float* features) const;

  PatchMatrix values_;  ///< packed: the bits of two halves in each float
  PatchMatrix points_;  ///< packed only
  std::size_t columns_ = 0;
  CoresetOptions coreset_;  ///< of the projection; packed only
};

}  // namespace patchcore
