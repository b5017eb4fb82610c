// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The setting `region`: the part of every frame that is inspected.
#include "core/inspection_region.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>

#include "core/error.h"
#include "core/options.h"

namespace patchcore {
namespace {

constexpr char whole_frame[] = "none";
/// Larger than frames can be, and small enough that sums fit an int.
constexpr double largest_pixel = 1 << 24;
/// Of sums such as 0.7 + 0.3.
constexpr double rounding = 1e-9;

[[noreturn]] void refuse(const std::string& text, const std::string& problem) {
  throw Error(ErrorCode::invalid_argument,
              "region '" + text + "' " + problem +
                  ": write x,y,width,height in pixels such as 640,0,320,240, or with decimal " +
                  "points in fractions of the frame such as 0.5,0.0,0.25,0.5, or 'none'");
}

/// Digits and a point only: no sign, no exponent, no "inf".
std::optional<double> parse_number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos) {
    return std::nullopt;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::array<double, 4>> parse_numbers(const std::string& text) {
  std::array<double, 4> numbers = {};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t comma = text.find(',', begin);
    const bool is_last = i + 1 == numbers.size();
    if ((comma == std::string::npos) != is_last) return std::nullopt;
    const auto number = parse_number(text.substr(begin, is_last ? comma : comma - begin));
    if (!number) return std::nullopt;
    numbers[i] = *number;
    begin = comma + 1;
  }
  return numbers;
}

/// The shortest text that is read as the same number.
std::string number_text(double value, InspectionRegion::Unit unit) {
  // Fractions are at most 1, and the smallest number has 323 zeros behind its point.
  char text[1100];
  const auto result = std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed);
  std::string digits(text, result.ptr);
  const bool has_point = digits.find('.') != std::string::npos;
  return unit == InspectionRegion::Unit::fractions && !has_point ? digits + ".0" : digits;
}

int rounded(double share, int length) {
  return std::min(length, static_cast<int>(std::lround(share * length)));
}

}  // namespace

bool is_whole_frame(const InspectionRegion& region) {
  return region == InspectionRegion();
}

InspectionRegion parse_inspection_region(const std::string& text) {
  if (text == whole_frame) return {};
  const auto numbers = parse_numbers(text);
  if (!numbers) refuse(text, "is no region");
  InspectionRegion region;
  region.x = (*numbers)[0];
  region.y = (*numbers)[1];
  region.width = (*numbers)[2];
  region.height = (*numbers)[3];
  if (text.find('.') != std::string::npos) {
    if (region.x + region.width > 1 + rounding || region.y + region.height > 1 + rounding) {
      refuse(text, "reaches beyond the frame, as fractions");
    }
    if (region.width <= 0 || region.height <= 0) refuse(text, "has no width or height");
    return region;
  }
  region.unit = InspectionRegion::Unit::pixels;
  if (std::max({region.x, region.y, region.width, region.height}) > largest_pixel) {
    refuse(text, "has more pixels than any frame");
  }
  if (region.width < smallest_input_side || region.height < smallest_input_side) {
    refuse(text, "is too small, as pixels: both sides must have at least " +
                     std::to_string(smallest_input_side));
  }
  return region;
}

std::string format_inspection_region(const InspectionRegion& region) {
  if (is_whole_frame(region)) return whole_frame;
  std::string text;
  for (const double number : {region.x, region.y, region.width, region.height}) {
    if (!text.empty()) text += ',';
    text += number_text(number, region.unit);
  }
  return text;
}

Rect resolve_inspection_region(const InspectionRegion& region, Size frame) {
  if (region.unit == InspectionRegion::Unit::fractions) {
    const int left = rounded(region.x, frame.width);
    const int top = rounded(region.y, frame.height);
    return {left, top, rounded(region.x + region.width, frame.width) - left,
            rounded(region.y + region.height, frame.height) - top};
  }
  if (region.x + region.width > frame.width || region.y + region.height > frame.height) {
    throw Error(ErrorCode::unsupported_frame,
                "the region " + format_inspection_region(region) + " does not fit into frames of " +
                    size_text(frame) +
                    " pixels: change it, or write it in fractions of the frame such as "
                    "0.5,0.0,0.25,0.5");
  }
  return {static_cast<int>(region.x), static_cast<int>(region.y), static_cast<int>(region.width),
          static_cast<int>(region.height)};
}

Rect clip_to_frame(const Rect& rect, Size frame) {
  const auto clip = [](std::int64_t begin, std::int64_t length, int limit) {
    const std::int64_t first = std::clamp<std::int64_t>(begin, 0, limit);
    const std::int64_t end = std::clamp<std::int64_t>(begin + length, first, limit);
    return std::array<int, 2>{static_cast<int>(first), static_cast<int>(end - first)};
  };
  const auto across = clip(rect.x, rect.width, frame.width);
  const auto down = clip(rect.y, rect.height, frame.height);
  return {across[0], down[0], across[1], down[1]};
}

}  // namespace patchcore
