// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Numbers in messages.
#include "core/number_text.h"

#include <array>
#include <charconv>

namespace patchcore {

std::string number_text(double value) {
  // The longest has a sign, six digits, a point and an exponent of five characters.
  std::array<char, 16> text = {};
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6);
  return std::string(text.data(), written.ptr);
}

}  // namespace patchcore
