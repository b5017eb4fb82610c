// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Coordinates of the screened search as whole numbers of a few bits, and what that costs its bound.
#include "core/screening_quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace patchcore {
namespace {

constexpr std::size_t pairs_beside_quads = 4;
/// Of values in quads; in rows they are moved by as much and one more, to be unsigned.
constexpr std::int32_t largest_in_quad = 127;
constexpr std::int32_t moved_by = 128;
/// Of rows, in units: with it the error is small beside those of float32's coordinates.
constexpr std::int32_t finest_norm = 4096;
/// Of a query's values in pairs, in units: they fit 16 bits.
constexpr std::int32_t farthest_reach = 16383;
/// Of a query times a row and of all sums on the way there.
constexpr double largest_product = 0x1p30;

/// What double precision and its rounding are allowed, relative, by far.
constexpr double allowance = 1e-9;

/// Value i in the order of the words.
double value_at(const float* z, std::size_t i, std::size_t length) {
  if (i >= length) return 0;
  return z[i == 0 ? length - 1 : i - 1];
}

/// Any whole number near by does: its error is measured.
std::int32_t nearest_whole(double value) {
  return static_cast<std::int32_t>(value + (value < 0 ? -0.5 : 0.5));
}

std::uint32_t pair_of(std::int32_t first, std::int32_t second) {
  return static_cast<std::uint16_t>(first) | std::uint32_t{static_cast<std::uint16_t>(second)}
                                                 << 16;
}

/// Half of them is left for the errors of the rows' norms.
std::int32_t reach_of(std::size_t length) {
  const double root = std::sqrt(static_cast<double>(length));
  const double reach = largest_product / 2 / (finest_norm * root);
  return std::min(farthest_reach, static_cast<std::int32_t>(reach));
}

}  // namespace

ScreeningWords ScreeningQuantization::words_for(std::size_t length, bool with_quads) {
  ScreeningWords words;
  words.pairs = (length + 1) / 2;
  if (with_quads) words.pairs = std::min(words.pairs, pairs_beside_quads);
  if (length > 2 * words.pairs) words.quads = (length - 2 * words.pairs + 3) / 4;
  return words;
}

std::size_t ScreeningQuantization::full_length(std::size_t length, bool with_quads) {
  const ScreeningWords words = words_for(length, with_quads);
  return 2 * words.pairs + 4 * words.quads;
}

void ScreeningQuantization::Range::include(const float* z, std::size_t length,
                                           const ScreeningWords& words) {
  double squared = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const double value = value_at(z, i, length);
    squared += value * value;
    if (i >= 2 * words.pairs) of_quads = std::max(of_quads, std::abs(value));
  }
  norm = std::max(norm, std::sqrt(squared));
}

ScreeningQuantization::ScreeningQuantization(std::size_t length, const ScreeningWords& words,
                                             const Range& range)
    : length_(length), words_(words), reach_(reach_of(length)) {
  // A query reaches at least as far as the rows, which the box has to hold.
  const std::int32_t norm = std::min(finest_norm, reach_);
  unit_ = std::max(range.norm / norm, range.of_quads / largest_in_quad) * (1 + allowance);
  // All rows are the mean: any unit does.
  if (!(unit_ >= std::numeric_limits<double>::min())) unit_ = 1;
}

ScreeningQuantization::Row ScreeningQuantization::pack_row(const float* z, std::uint32_t* packed,
                                                           std::size_t stride) const {
  double squared_error = 0;
  std::int64_t squared_length = 0;
  const auto whole = [&](std::size_t i) {
    const double value = value_at(z, i, length_);
    const std::int32_t number = nearest_whole(value / unit_);
    const double error = value - unit_ * number;
    squared_error += error * error;
    squared_length += std::int64_t{number} * number;
    return number;
  };
  for (std::size_t i = 0; i < words_.pairs; ++i) {
    const std::int32_t first = whole(2 * i);
    packed[i * stride] = pair_of(first, whole(2 * i + 1));
  }
  for (std::size_t i = 0; i < words_.quads; ++i) {
    std::uint32_t word = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const std::int32_t number = whole(2 * words_.pairs + 4 * i + part);
      word |= static_cast<std::uint32_t>(number + moved_by) << (8 * part);
    }
    packed[(words_.pairs + i) * stride] = word;
  }
  return {static_cast<std::int32_t>(squared_length / 2), std::sqrt(squared_error)};
}

ScreeningQuantization::Query ScreeningQuantization::pack_query(const float* z,
                                                               std::uint32_t* packed,
                                                               std::size_t stride) const {
  Query query;
  double squared_error = 0;
  const auto whole = [&](std::size_t i, std::int32_t largest) {
    const double value = value_at(z, i, length_);
    const double inside = std::clamp(value, -largest * unit_, largest * unit_);
    const std::int32_t number = nearest_whole(inside / unit_);
    const double error = inside - unit_ * number;
    squared_error += error * error;
    query.squared_excess += (value - inside) * (value - inside);
    query.squared_length += static_cast<double>(number) * number;
    return number;
  };
  for (std::size_t i = 0; i < words_.pairs; ++i) {
    const std::int32_t first = whole(2 * i, reach_);
    packed[i * stride] = pair_of(-first, -whole(2 * i + 1, reach_));
  }
  for (std::size_t i = 0; i < words_.quads; ++i) {
    std::uint32_t word = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const std::int32_t number = whole(2 * words_.pairs + 4 * i + part, largest_in_quad);
      query.sum_of_quads += number;
      word |= std::uint32_t{static_cast<std::uint8_t>(-number)} << (8 * part);
    }
    packed[(words_.pairs + i) * stride] = word;
  }
  query.error = std::sqrt(squared_error);
  return query;
}

std::int32_t ScreeningQuantization::largest_sum(const Query& query, double distance,
                                                double row_error) const {
  constexpr std::int32_t smallest = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t largest = std::numeric_limits<std::int32_t>::max() - 1;
  const double squared =
      distance * distance * (1 + allowance) - query.squared_excess * (1 - allowance);
  if (squared < 0) return smallest;
  const double units = (std::sqrt(squared) + query.error + row_error) / unit_ * (1 + allowance);
  // |b'|^2 - 2 q'b' <= units^2 - |q'|^2; the kernels give half of it, rounded down, and quads that
  // are moved. One more for the rounding here.
  const double sum = (units * units - query.squared_length) / 2 - moved_by * query.sum_of_quads + 1;
  if (!(sum < largest)) return largest;
  return sum < smallest ? smallest : static_cast<std::int32_t>(std::floor(sum));
}

}  // namespace patchcore
