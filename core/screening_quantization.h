// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Coordinates of the screened search as whole numbers of a few bits, and what that costs its bound.
//
// Sums of whole numbers are exact, the same on every machine, and take a half or a quarter of the
// instructions that float32 takes. With a unit s, rows b = s b' + (an error) and queries
// q = s q' + (an error), |q' - b'| is |q - b| / s but for the two errors' lengths, which are known.
// A query beyond the range of the bank, a box, is replaced by the nearest point c of the box: as
// the box is convex, |c - b|^2 <= |q - b|^2 - |q - c|^2 for every row b.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/kernels/screening.h"

namespace patchcore {

/// Immutable; may be used from any thread.
class ScreeningQuantization {
 public:
  /// What is left out comes first, then the directions, the longest first: few values need 16 bits.
  /// @param length      values of z, the last of which is what the directions leave out
  /// @param with_quads  whether all but the first few may be of 8 bits
  static ScreeningWords words_for(std::size_t length, bool with_quads);

  /// Values that fit into as many words as @p length values take, at least that.
  static std::size_t full_length(std::size_t length, bool with_quads);

  /// What the rows of the bank reach.
  struct Range {
    double norm = 0;
    double of_quads = 0;  ///< the largest value that comes to lie in a quad

    /// @param z  [length], finite
    void include(const float* z, std::size_t length, const ScreeningWords& words);
  };

  ScreeningQuantization(std::size_t length, const ScreeningWords& words, const Range& range);

  const ScreeningWords& words() const { return words_; }

  struct Row {
    std::int32_t offset;  ///< half of the squared length of b', rounded down
    double error;         ///< |b - s b'|
  };

  /// @param z       [length], within the range
  /// @param packed  word i becomes packed[i * stride]
  Row pack_row(const float* z, std::uint32_t* packed, std::size_t stride) const;

  struct Query {
    double squared_length = 0;  ///< of q'
    double error = 0;           ///< |c - s q'|
    double squared_excess = 0;  ///< |q - c|^2
    double sum_of_quads = 0;    ///< of what lies in quads of q'
  };

  /// @param z       [length], finite
  /// @param packed  as pack_row(); holds -q', for the kernels only add
  Query pack_query(const float* z, std::uint32_t* packed, std::size_t stride) const;

  /// The largest sum, as the kernels give it, of a row whose z is at most @p distance away and has
  /// an error of at most @p row_error; below that of a row with the largest offset there is.
  std::int32_t largest_sum(const Query& query, double distance, double row_error) const;

 private:
  std::size_t length_;
  ScreeningWords words_;
  double unit_;
  std::int32_t reach_;  ///< of a query, in pairs
};

}  // namespace patchcore
