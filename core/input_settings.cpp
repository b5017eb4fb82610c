// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `input-size` and `crop`, as people write them.
#include "core/input_settings.h"

#include <charconv>
#include <optional>

#include "core/error.h"

namespace patchcore {
namespace {

std::optional<int> parse_number(const std::string& text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || value < 1) return std::nullopt;
  return value;
}

std::optional<Size> parse_size(const std::string& text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) return std::nullopt;
  const auto width = parse_number(text.substr(0, cross));
  const auto height = parse_number(text.substr(cross + 1));
  if (!width || !height) return std::nullopt;
  return Size{*width, *height};
}

/// Of "shorter:N".
std::optional<int> parse_shorter_side(const std::string& text) {
  const std::string prefix = "shorter:";
  if (text.compare(0, prefix.size(), prefix) != 0) return std::nullopt;
  return parse_number(text.substr(prefix.size()));
}

/// @throws Error invalid_argument
Size parse_crop(const std::string& text) {
  const auto square = parse_number(text);
  const auto size = square ? Size{*square, *square} : parse_size(text);
  if (size) return *size;
  throw Error(ErrorCode::invalid_argument,
              "crop '" + text + "' is neither 'none', a number of pixels such as 224, nor a size " +
                  "such as 320x192");
}

}  // namespace

PreprocessOptions apply_input_settings(PreprocessOptions defaults, const std::string& input_size,
                                       const std::string& crop) {
  PreprocessOptions options = defaults;
  const auto side = parse_number(input_size);
  const auto shorter_side = parse_shorter_side(input_size);
  const auto exact = parse_size(input_size);
  if (!input_size.empty() && !side && !shorter_side && !exact) {
    throw Error(ErrorCode::invalid_argument,
                "input size '" + input_size +
                    "' is neither a number of pixels such as 256 or shorter:256, nor a size such "
                    "as 320x192");
  }

  if (exact) {
    options.mode = ResizeMode::exact;
    options.exact = *exact;
    options.crop.reset();
  } else if (shorter_side) {
    options.mode = ResizeMode::shorter_side;
    options.shorter_side = *shorter_side;
    options.crop.reset();
  }

  if (crop == "none") {
    options.crop.reset();
    if (!exact && !shorter_side) options.mode = ResizeMode::area;
  } else if (!crop.empty()) {
    options.crop = parse_crop(crop);
    if (!exact) options.mode = ResizeMode::shorter_side;
  }

  if (side) {
    if (options.mode == ResizeMode::shorter_side) {
      options.shorter_side = *side;
    } else {
      options.area_side = *side;
    }
  }
  options.validate();
  return options;
}

}  // namespace patchcore
